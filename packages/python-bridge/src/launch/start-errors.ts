import { PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import { type PythonFailure, SnakepitError, type StartFailure } from "@snakepit/core";
import type { Interpreter } from "../interpreter/interpreter.ts";
import { lastLines, stackAtTimeOut } from "../stderr-tail.ts";
import { type Demand, describeShortage, isShortage, type Shortage } from "../system-shortage.ts";
import { howItEnded, type WorkerIdentity } from "../worker/worker-exit.ts";
import type { WorkerProcessExit } from "./worker-process.ts";
import type { ZygoteEnd } from "./zygote-channel.ts";
import type { BootedEvent, FailedEvent, StartFailedEvent, WirePythonFailure } from "./zygote-protocol.ts";

/** Signals that a fault in native code raises; trying again meets the same fault. */
const FAULTS: ReadonlySet<string> = new Set(["SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT"]);

/** The target could not be loaded, and Python reported why. */
export function targetNotLoaded(event: FailedEvent): SnakepitError {
  return new SnakepitError("WORKER_START_FAILED", event.message, {
    startFailure: event.permanent ? "permanent" : "temporary",
    ...(event.exception !== null && { python: toPythonFailure(event.exception) }),
  });
}

/** The process ended while it imported the target, without a report. */
export function diedWhileLoading(target: string, end: ZygoteEnd, stderrTail: string): SnakepitError {
  return new SnakepitError(
    "WORKER_START_FAILED",
    `importing ${target} ended the Python process: ${describeEnd(end)}; run it in Python by itself to see why${lastLines(stderrTail)}`,
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

/** Whether another attempt would end the same way; a process that was killed from outside may succeed the next time. */
export function failureOfEnd(end: ZygoteEnd): StartFailure {
  return end.is === "exited" || (end.is === "signalled" && FAULTS.has(end.signal)) ? "permanent" : "temporary";
}

/** The import took too long. `stack` is what Python's fault handler wrote when it was asked where it is. */
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

/** A zygote of another version answered. */
export function foreignProtocol(interpreter: Interpreter, facts: BootedEvent): SnakepitError {
  return new SnakepitError(
    "PROTOCOL_MISMATCH",
    `snakepit-bridge ${facts.bridge_version} in ${interpreter.path} speaks protocol ${facts.protocol}, this version of Snakepit speaks ${PROTOCOL_VERSION}. Install the matching one: npx snakepit setup --python ${interpreter.path}`,
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

/** The zygote wrote something else where its events go. */
export function notAnEvent(pool: string, target: string, line: string): SnakepitError {
  return new SnakepitError(
    "WORKER_START_FAILED",
    `the zygote of pool "${pool}" sent what is not an event: ${line.slice(0, 200)}. Does ${target} write to file descriptor 3?`,
    { pool, startFailure: "permanent" },
  );
}

/** The zygote did not start a worker, mostly because the system refused a resource. */
export function notStarted({ worker_id: workerId, message, errno }: StartFailedEvent, demand: Demand): SnakepitError {
  const why = isShortage(errno) ? `; ${describeShortage(errno, demand)}` : "";
  return new SnakepitError("WORKER_START_FAILED", `worker "${workerId}" could not be started: ${message}${why}`, {
    workerId,
    startFailure: "temporary",
    details: { ...(errno !== null && { errno }) },
  });
}

/** The host had no file descriptor for the connection of a worker. */
export function connectionDropped(shortage: Shortage, demand: Demand): SnakepitError {
  return new SnakepitError("WORKER_START_FAILED", describeShortage(shortage, demand), {
    startFailure: "temporary",
    details: { errno: shortage },
  });
}

/** A worker whose zygote is gone. */
export interface LostWorker {
  readonly pool: string;
  readonly workerId: string;
  /** The last lines of the zygote on stderr. */
  readonly stderrTail: string;
}

/** The zygote ended, and its workers with it; without `end` it is about to. */
export function zygoteLost(
  code: "WORKER_START_FAILED" | "WORKER_CRASHED",
  { pool, workerId, stderrTail }: LostWorker,
  end?: ZygoteEnd,
): SnakepitError {
  const how = end === undefined ? "is ending" : `ended, and its workers with it: ${describeEnd(end)}`;
  return new SnakepitError(code, `the zygote of pool "${pool}" ${how}${lastLines(stderrTail)}`, {
    pool,
    workerId,
    details: { stderrTail },
    ...(code === "WORKER_START_FAILED" && { startFailure: "temporary" }),
  });
}

/** How a process ended, in words. */
export function describeEnd(end: ZygoteEnd): string {
  switch (end.is) {
    case "not-started":
      return end.error.message;
    case "exited":
      return `it exited with status ${end.exitCode}`;
    case "signalled":
      return howItEnded(end);
    default:
      return end satisfies never;
  }
}

function toPythonFailure(wire: WirePythonFailure): PythonFailure {
  const { type, module, message, traceback, notes, cause } = wire;
  return { type, module, message, traceback, notes, ...(cause !== null && { cause: toPythonFailure(cause) }) };
}

/** A worker ended before it was ready. */
export function endedTooEarly(
  worker: WorkerIdentity,
  exit: WorkerProcessExit,
  refusal: SnakepitError | undefined,
): SnakepitError {
  const { exitCode, signal, outOfMemory, stderrTail } = exit;
  const { pool, workerId, pid } = worker;
  const why = refusal === undefined ? "" : `; the host had refused it: ${refusal.message}`;
  return new SnakepitError(
    outOfMemory ? "OUT_OF_MEMORY" : (refusal?.code ?? "WORKER_START_FAILED"),
    `worker "${workerId}" (pid ${pid}) ended before it was ready: ${howItEnded(exit)}${why}${lastLines(stderrTail)}`,
    {
      pool,
      workerId,
      cause: refusal ?? exit.cause,
      startFailure: "temporary",
      details: { pid, exitCode, signal, stderrTail },
    },
  );
}

/** A worker did not say that it is ready. `exit` is its end, which it was asked for together with its stack. */
export function notReadyInTime(
  worker: Omit<WorkerIdentity, "pid">,
  startTimeoutMs: number,
  exit: WorkerProcessExit | undefined,
  refusal: SnakepitError | undefined,
): SnakepitError {
  const { pool, workerId } = worker;
  const why = refusal === undefined ? "" : `; the host had refused a connection: ${refusal.message}`;
  const stderrTail = exit?.stderrTail ?? "";
  return new SnakepitError(
    "WORKER_START_FAILED",
    `worker "${workerId}" was not ready within ${startTimeoutMs} ms (startTimeoutMs); allow more time, or do less in setup()${why}${stackAtTimeOut(stderrTail)}`,
    { pool, workerId, cause: refusal, startFailure: "timed-out", details: { startTimeoutMs, stderrTail } },
  );
}

/** The worker is not needed any more. */
export function launchCancelled(pool: string, workerId: string): SnakepitError {
  return new SnakepitError("CANCELLED", `the start of worker "${workerId}" was cancelled`, { pool, workerId });
}

/** The pool starts no more workers. */
export function poolIsClosing(pool: string): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", `the pool "${pool}" is closing`, { pool });
}
