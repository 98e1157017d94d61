import { type CollectedStacks, SnakepitError, type StacksOptions, TimeLimit, watchAbort } from "@snakepit/core";
import type { WorkerProcess } from "../launch/worker-process.ts";
import type { WorkerLink } from "../link/worker-link.ts";

/** The minimum silence, in milliseconds, that shows that the worker cannot run Python code. */
const MIN_SILENT_MS = 1_000;

/**
 * Reads the stacks of a running worker. Its receiver thread answers, which takes a few milliseconds. A worker that
 * sends nothing, not even a heartbeat, does not run Python code: native code holds the interpreter lock. Only then the
 * fault handler reads the stacks, because it may meet a frame that is freed when it reads those of a thread that runs.
 *
 * @throws SnakepitError as a rejection, see `WorkerHandle.readStacks`.
 */
export function readRunningStacks(
  link: WorkerLink,
  process: WorkerProcess,
  heartbeatIntervalMs: number,
  { timeoutMs, signal }: StacksOptions,
): Promise<CollectedStacks> {
  const context = { pool: link.pool, workerId: process.workerId };
  if (signal?.aborted === true) return Promise.reject(cancelled(context.workerId, signal));
  return new Promise((resolve, reject) => {
    const settled = <Value>(settle: (value: Value) => void) => {
      return (value: Value) => {
        unwatch?.();
        timeLimit.cancel();
        silence.cancel();
        settle(value);
      };
    };
    const fail = settled(reject);
    const unwatch = signal && watchAbort(signal, () => fail(cancelled(context.workerId, signal)));
    const timeLimit = new TimeLimit(timeoutMs, () => fail(timedOut(context, process.pid, timeoutMs)));
    const silentMs = Math.max(MIN_SILENT_MS, heartbeatIntervalMs * 1.25);
    const whenSilent = () => {
      const before = link.bytesReceived;
      return new TimeLimit(silentMs, () => {
        if (link.bytesReceived !== before) {
          silence = whenSilent();
          return;
        }
        void process.readStacks().then((threads) => {
          if (threads === undefined) fail(unavailable(context));
          else settled(resolve)({ source: "fault-handler", threads, tasks: [] });
        });
      });
    };
    let silence = whenSilent();
    link.readStacks().then(settled(resolve), fail);
  });
}

interface Context {
  readonly pool: string;
  readonly workerId: string;
}

function timedOut({ pool, workerId }: Context, pid: number, timeoutMs: number): SnakepitError {
  const message = `worker "${workerId}" (pid ${pid}) did not report its stacks within ${timeoutMs} ms: it is stopped, waits in the kernel, or has closed its stderr; increase timeoutMs if the machine is busy`;
  return new SnakepitError("DEADLINE_EXCEEDED", message, { pool, workerId });
}

function unavailable({ pool, workerId }: Context): SnakepitError {
  const message = `worker "${workerId}" does not respond, and has ended or replaced the handler of the signal that requests its stacks`;
  return new SnakepitError("WORKER_CRASHED", message, { pool, workerId });
}

function cancelled(workerId: string, signal: AbortSignal): SnakepitError {
  const message = `reading the stacks of worker "${workerId}" was cancelled by its AbortSignal`;
  return new SnakepitError("CANCELLED", message, { workerId, cause: signal.reason });
}
