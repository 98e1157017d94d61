import { SnakepitError, type WorkerExit } from "@snakepit/core";
import type { WorkerIdentity, WorkerProcessExit } from "../launch/worker-process.ts";
import { joinedTails, lastLines, reduceDump } from "../stderr-tail.ts";
import { exceededLimit } from "./exceeded-limit.ts";

/** The usual meaning of a signal that this host did not send. */
const MEANINGS: Readonly<Record<string, string>> = {
  SIGKILL: "killed by another process, or by the kernel because it was out of memory",
  SIGSEGV: "an invalid memory access in native code",
  SIGBUS: "an invalid memory access in native code, or a file that shrank while it was mapped",
  SIGABRT: "native code aborted",
  SIGILL: "an instruction that this processor does not support, or a corrupt program",
  SIGFPE: "an arithmetic fault in native code",
  SIGSYS: "a system call that is not allowed here",
  SIGTERM: "terminated by another process",
  SIGXCPU: "the limit of processor time was reached",
  SIGXFSZ: "the limit of file size was reached",
};

/**
 * Returns how a worker ended.
 *
 * @param stderr the last lines that Python code wrote to `sys.stderr`.
 * @param known the reason known to the host; takes precedence over that of the process, except for out of memory.
 */
export function workerExit(
  worker: WorkerIdentity,
  requested: boolean,
  process: WorkerProcessExit,
  stderr: string,
  known?: SnakepitError,
): WorkerExit {
  const { exitCode, signal, stacks } = process;
  const isKnown = requested || (known !== undefined && !process.outOfMemory);
  const limit = isKnown ? undefined : exceededLimit(worker, process, stderr);
  const cause = limit ?? (known === undefined ? process.cause : withStacks(worker, known, process));
  return {
    requested,
    ...(exitCode !== undefined && { exitCode }),
    ...(signal !== undefined && { signal }),
    // The output of Python code came before that of the fault handler.
    stderrTail: joinedTails(stderr, process.stderrTail),
    ...(stacks !== undefined && { stacks }),
    ...(cause !== undefined && { cause }),
  };
}

/** Returns the error of a call that was active when its worker ended. */
export function lostCall(worker: WorkerIdentity, exit: WorkerExit, callId: string, tool: string): SnakepitError {
  const { pool, workerId, pid } = worker;
  const { requested, exitCode, signal, stderrTail, stacks, cause } = exit;
  // The message of the cause ends with the stacks.
  const output = stacks === undefined ? lastLines(stderrTail) : "";
  // Without the frames of the bridge, which an uncaught error would print; the event `worker.exited` has everything.
  const tail = reduceDump(stderrTail);
  const ended = cause?.code === "WORKER_HUNG" ? "hung" : "died";
  return new SnakepitError(
    cause?.code ?? "WORKER_CRASHED",
    `worker "${workerId}" (pid ${pid}) ${ended} during a call of tool "${tool}": ${describeExit(exit)}${output}`,
    {
      pool,
      workerId,
      callId,
      cause,
      details: { ...cause?.details, pid, requested, exitCode, signal, stderrTail: tail, ...(stacks && { stacks }) },
    },
  );
}

/** Adds the stacks of a hung worker to the error of its calls, or why they are missing. */
function withStacks({ pool, workerId }: WorkerIdentity, error: SnakepitError, exit: WorkerProcessExit): SnakepitError {
  const { signal, stacks } = exit;
  if (error.code !== "WORKER_HUNG") return error;
  const found =
    stacks !== undefined
      ? `; Python stacks:\n${stacks}`
      : signal === "SIGABRT"
        ? "; it wrote no Python stacks: code of the tool has replaced Python's fault handler or closed stderr"
        : "; it wrote no Python stacks: it did not handle SIGABRT within 3 s, because it waits in the kernel or blocks signals";
  return new SnakepitError(error.code, `${error.message}${found}`, {
    pool,
    workerId,
    details: { ...error.details, ...(stacks && { stacks }) },
  });
}

/** Returns a description of how a worker ended, for messages. */
export function describeExit(exit: Partial<Pick<WorkerExit, "requested" | "exitCode" | "signal" | "cause">>): string {
  const { requested, exitCode, signal, cause } = exit;
  if (cause !== undefined) return cause.message;
  if (requested) return "it was stopped by the host";
  if (signal !== undefined)
    return `it was terminated by ${signal}${signal in MEANINGS ? ` (${MEANINGS[signal]})` : ""}`;
  if (exitCode !== undefined) return `it exited with status ${exitCode}`;
  return "it ended for an unknown reason";
}

/** Returns the error for a worker that closed its connection and did not end. */
export function didNotEnd({ pool, workerId, pid }: WorkerIdentity): SnakepitError {
  return new SnakepitError("WORKER_CRASHED", "its connection closed but its process did not end and was killed", {
    pool,
    workerId,
    details: { pid },
  });
}
