import { PROTOCOL_VERSION } from "@snakepit/bridge-proto/values";
import { type PythonFailure, SnakepitError, type StartFailure } from "@snakepit/core";
import type { Interpreter } from "../interpreter/interpreter.ts";
import { lastLines, stackAtTimeOut } from "../stderr-tail.ts";
import { type Demand, describeShortage, isShortage, type Shortage } from "../system-shortage.ts";
import { exceededLimit } from "../worker/exceeded-limit.ts";
import { describeExit } from "../worker/worker-exit.ts";
import type { WorkerIdentity, WorkerProcessExit } from "./worker-process.ts";
import type { ZygoteEnd } from "./zygote-channel.ts";
import type { BootedEvent, FailedEvent, StartFailedEvent, WirePythonFailure } from "./zygote-protocol.ts";

/** Signals raised by faults in native code. A retry would cause the same fault. */
const FAULTS: ReadonlySet<string> = new Set(["SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT"]);

/** Returns the error for a target that could not be imported, with the reason that Python reported. */
export function targetNotLoaded(event: FailedEvent): SnakepitError {
  return new SnakepitError("WORKER_START_FAILED", event.message, {
    startFailure: event.permanent ? "permanent" : "temporary",
    ...(event.exception !== null && { python: toPythonFailure(event.exception) }),
  });
}

/** Returns the error for a zygote that ended during the import of the target without a report. */
export function diedWhileLoading(target: string, end: ZygoteEnd, stderrTail: string): SnakepitError {
  return new SnakepitError(
    "WORKER_START_FAILED",
    `importing ${target} ended the Python process: ${describeEnd(end)}; import it in a Python interpreter to see why${lastLines(stderrTail)}`,
    {
      startFailure: failureOfEnd(end),
      details: {
        ...(end.is === "exited" && { exitCode: end.exitCode }),
        ...(end.is === "signalled" && { signal: end.signal }),
        stderrTail,
      },
    },
  );
}

/** Returns whether a retry would fail too. A process killed by another one may succeed the next time. */
export function failureOfEnd(end: ZygoteEnd): StartFailure {
  return end.is === "exited" || (end.is === "signalled" && FAULTS.has(end.signal)) ? "permanent" : "temporary";
}

/** Returns the error for an import that took too long. `stack` is the output of Python's fault handler. */
export function loadingTimedOut(
  target: string,
  startTimeoutMs: number,
  stack: string,
  stderrTail: string,
): SnakepitError {
  return new SnakepitError(
    "WORKER_START_FAILED",
    `importing ${target} took longer than ${startTimeoutMs} ms (startTimeoutMs); allow more time or import less${stackAtTimeOut(stack)}`,
    { startFailure: "timed-out", details: { startTimeoutMs, stderrTail } },
  );
}

/** Returns the error for a zygote with another protocol version. */
export function protocolMismatch(interpreter: Interpreter, facts: BootedEvent): SnakepitError {
  return new SnakepitError(
    "PROTOCOL_MISMATCH",
    `snakepit-bridge ${facts.bridge_version} in ${interpreter.path} must use protocol version ${PROTOCOL_VERSION}; got ${facts.protocol}; install the matching package: npx snakepit setup --python ${interpreter.path}`,
    {
      startFailure: "permanent",
      details: {
        interpreter: interpreter.path,
        bridgeVersion: facts.bridge_version,
        theirs: facts.protocol,
        ours: PROTOCOL_VERSION,
      },
    },
  );
}

/** Returns the error for a zygote that wrote an invalid line to the event pipe. */
export function notAnEvent(pool: string, target: string, line: string): SnakepitError {
  return new SnakepitError(
    "WORKER_START_FAILED",
    `the zygote of pool "${pool}" sent an invalid event: ${line.slice(0, 200)}; check whether ${target} writes to file descriptor 3`,
    { pool, startFailure: "permanent" },
  );
}

/** Returns the error for a worker that the zygote could not start, usually because of a system limit. */
export function notStarted({ worker_id: workerId, message, errno }: StartFailedEvent, demand: Demand): SnakepitError {
  const remedy = isShortage(errno) ? `; ${describeShortage(errno, demand)}` : "";
  return new SnakepitError("WORKER_START_FAILED", `worker "${workerId}" could not be started: ${message}${remedy}`, {
    workerId,
    startFailure: "temporary",
    details: { ...(errno !== null && { errno }) },
  });
}

/** Returns the error for a connection of a worker that the host could not accept without a file descriptor. */
export function connectionDropped(shortage: Shortage, demand: Demand): SnakepitError {
  return new SnakepitError("WORKER_START_FAILED", describeShortage(shortage, demand), {
    startFailure: "temporary",
    details: { errno: shortage },
  });
}

/** A worker whose zygote has ended. */
export interface LostWorker {
  readonly pool: string;
  readonly workerId: string;
  /** The last lines of the zygote on stderr. */
  readonly stderrTail: string;
}

/** Returns the error of a worker whose zygote has ended; without `end`, the zygote is ending. */
export function zygoteLost(
  code: "WORKER_START_FAILED" | "WORKER_CRASHED",
  { pool, workerId, stderrTail }: LostWorker,
  end?: ZygoteEnd,
): SnakepitError {
  const what = end === undefined ? "is ending" : `ended together with its workers: ${describeEnd(end)}`;
  return new SnakepitError(code, `the zygote of pool "${pool}" ${what}${lastLines(stderrTail)}`, {
    pool,
    workerId,
    details: { stderrTail },
    ...(code === "WORKER_START_FAILED" && { startFailure: "temporary" }),
  });
}

/** Returns a description of how a zygote ended, for messages. */
export function describeEnd(end: ZygoteEnd): string {
  switch (end.is) {
    case "not-started":
      return end.error.message;
    case "exited":
      return `it exited with status ${end.exitCode}`;
    case "signalled":
      return describeExit(end);
    default:
      return end satisfies never;
  }
}

function toPythonFailure(wire: WirePythonFailure): PythonFailure {
  const { type, module, message, traceback, notes, cause } = wire;
  return { type, module, message, traceback, notes, ...(cause !== null && { cause: toPythonFailure(cause) }) };
}

/** Returns the error for a worker that ended before it was ready. */
export function endedTooEarly(
  worker: WorkerIdentity,
  exit: WorkerProcessExit,
  rejection: SnakepitError | undefined,
): SnakepitError {
  const { exitCode, signal, stderrTail } = exit;
  const { pool, workerId, pid } = worker;
  const limit = exceededLimit(worker, exit);
  const end = limit === undefined ? exit : { cause: limit };
  const reason = rejection === undefined ? "" : `; the host had rejected a connection: ${rejection.message}`;
  return new SnakepitError(
    limit?.code === "OUT_OF_MEMORY" ? "OUT_OF_MEMORY" : (rejection?.code ?? "WORKER_START_FAILED"),
    `worker "${workerId}" (pid ${pid}) ended before it was ready: ${describeExit(end)}${reason}${lastLines(stderrTail)}`,
    {
      pool,
      workerId,
      cause: rejection ?? limit ?? exit.cause,
      startFailure: "temporary",
      details: { ...limit?.details, pid, exitCode, signal, stderrTail },
    },
  );
}

/** Returns the error for a worker that was not ready in time. `exit` is its end, with its stack in the last lines. */
export function notReadyInTime(
  worker: Omit<WorkerIdentity, "pid">,
  startTimeoutMs: number,
  exit: WorkerProcessExit | undefined,
  rejection: SnakepitError | undefined,
): SnakepitError {
  const { pool, workerId } = worker;
  const reason = rejection === undefined ? "" : `; the host had rejected a connection: ${rejection.message}`;
  const stderrTail = exit?.stderrTail ?? "";
  return new SnakepitError(
    "WORKER_START_FAILED",
    `worker "${workerId}" was not ready within ${startTimeoutMs} ms (startTimeoutMs); allow more time, or do less in setup()${reason}${stackAtTimeOut(stderrTail)}`,
    { pool, workerId, cause: rejection, startFailure: "timed-out", details: { startTimeoutMs, stderrTail } },
  );
}

/** Returns the error for a launch that was cancelled by its signal. */
export function launchCancelled(pool: string, workerId: string): SnakepitError {
  return new SnakepitError("CANCELLED", `the start of worker "${workerId}" was cancelled`, { pool, workerId });
}

/** Returns the error for a launch in a pool that is closing. */
export function poolIsClosing(pool: string): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", `pool "${pool}" is closing`, { pool });
}
