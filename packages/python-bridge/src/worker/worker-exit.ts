import { SnakepitError, type WorkerExit } from "@snakepit/core";
import type { WorkerProcessExit } from "../launch/worker-process.ts";
import { joinedTails, lastLines } from "../stderr-tail.ts";

/** A worker's process, as messages name it. */
export interface WorkerIdentity {
  readonly pool: string;
  readonly workerId: string;
  readonly pid: number;
}

/** What a signal usually means that this host has not sent. */
const MEANINGS: Readonly<Record<string, string>> = {
  SIGKILL: "killed from outside, perhaps by the kernel because it was out of memory",
  SIGSEGV: "an invalid memory access in native code",
  SIGBUS: "an invalid memory access in native code, or a file that shrank while it was mapped",
  SIGABRT: "native code gave up",
  SIGILL: "an instruction that this processor does not have, or a corrupt program",
  SIGFPE: "an arithmetic fault in native code",
  SIGSYS: "a system call that is not allowed here",
  SIGTERM: "asked to end from outside",
  SIGXCPU: "its limit of processor time was reached",
  SIGXFSZ: "its limit of file size was reached",
};

/**
 * How a worker ended: from the end of its process, what its code had written to `sys.stderr`, and what the host knows
 * in addition.
 */
export function workerExit(
  worker: WorkerIdentity,
  requested: boolean,
  process: WorkerProcessExit,
  stderr: string,
  known?: SnakepitError,
): WorkerExit {
  const { exitCode, signal } = process;
  const cause = process.outOfMemory ? outOfMemory(worker) : (known ?? process.cause);
  return {
    requested,
    ...(exitCode !== undefined && { exitCode }),
    ...(signal !== undefined && { signal }),
    // What Python code wrote came before what the dying process, or its fault handler, wrote itself.
    stderrTail: joinedTails(stderr, process.stderrTail),
    ...(cause !== undefined && { cause }),
  };
}

/** The error of a call that the end of its worker took along. */
export function lostCall(worker: WorkerIdentity, exit: WorkerExit, callId: string): SnakepitError {
  const { pool, workerId, pid } = worker;
  const { requested, exitCode, signal, stderrTail, cause } = exit;
  return new SnakepitError(
    cause?.code ?? "WORKER_CRASHED",
    `worker "${workerId}" (pid ${pid}) died during the call: ${howItEnded(exit)}${lastLines(stderrTail)}`,
    {
      pool,
      workerId,
      callId,
      cause,
      details: { ...cause?.details, pid, requested, exitCode, signal, stderrTail },
    },
  );
}

/** How a worker ended, in words. */
export function howItEnded(exit: Partial<Pick<WorkerExit, "requested" | "exitCode" | "signal" | "cause">>): string {
  const { requested, exitCode, signal, cause } = exit;
  if (cause !== undefined) return cause.message;
  if (requested) return "it was stopped by the host";
  if (signal !== undefined) return `it was ended by ${signal}${signal in MEANINGS ? ` (${MEANINGS[signal]})` : ""}`;
  if (exitCode !== undefined) return `it exited with status ${exitCode}`;
  return "it is gone";
}

/** A worker that closed its connection and did not end. */
export function didNotEnd({ pool, workerId, pid }: WorkerIdentity): SnakepitError {
  return new SnakepitError("WORKER_CRASHED", "its connection ended but its process did not, and was killed", {
    pool,
    workerId,
    details: { pid },
  });
}

function outOfMemory({ pool, workerId, pid }: WorkerIdentity): SnakepitError {
  return new SnakepitError(
    "OUT_OF_MEMORY",
    "it was killed by the kernel because it was out of memory; give the machine or container more, run fewer workers, or let the tool use less",
    { pool, workerId, details: { pid } },
  );
}
