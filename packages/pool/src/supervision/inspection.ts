import { deadlineIn, type EncodedValue, newCorrelationId, SnakepitError, startTimer, watchAbort } from "@snakepit/core";
import type { PoolWorker } from "../calls/call.ts";

/** How long {@link inspectWorker} waits. */
export interface InspectionLimits {
  /** Milliseconds until it rejects with `DEADLINE_EXCEEDED`. */
  readonly timeoutMs: number;
  /** Makes it reject with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined;
}

/** A tool that a worker has in addition to those of its target, and that never blocks. */
export interface InspectionTool {
  readonly name: string;
  /** Its encoded arguments. */
  readonly args: EncodedValue;
}

/**
 * Calls a tool of the worker itself, in addition to the calls that it executes: it needs no capacity and is not
 * counted.
 *
 * @returns the value; `undefined` if the worker ends before it answers.
 * @throws SnakepitError as a rejection: an error of the worker, `DEADLINE_EXCEEDED`, `CANCELLED`.
 */
export function inspectWorker(
  { handle }: Pick<PoolWorker, "handle">,
  { name: tool, args }: InspectionTool,
  { timeoutMs, signal }: InspectionLimits,
): Promise<unknown> {
  const { workerId } = handle;
  if (signal?.aborted === true) return Promise.reject(cancelled(workerId, signal));
  return new Promise((resolve, reject) => {
    const correlationId = newCorrelationId();
    const call = { tool, args, streaming: false, credit: 0, deadline: deadlineIn(timeoutMs), correlationId };
    const dispatched = handle.dispatch(call, {
      chunk: () => {},
      settled: (outcome) => {
        unwatch?.();
        clearTimeout(timer);
        if (outcome.is === "failure") reject(outcome.error);
        else resolve(outcome.is === "value" ? outcome.value : undefined);
      },
    });
    const unwatch = signal && watchAbort(signal, () => giveUp(cancelled(workerId, signal)));
    const timer = startTimer(() => giveUp(timedOut(workerId, timeoutMs)), timeoutMs);
    const giveUp = (error: SnakepitError) => {
      unwatch?.();
      clearTimeout(timer);
      reject(error);
      dispatched.cancel("cancelled");
    };
  });
}

function timedOut(workerId: string, timeoutMs: number): SnakepitError {
  const message = `worker "${workerId}" did not report within ${timeoutMs} ms; its interpreter is blocked, or increase timeoutMs`;
  return new SnakepitError("DEADLINE_EXCEEDED", message, { workerId });
}

function cancelled(workerId: string, signal: AbortSignal): SnakepitError {
  const message = `the report of worker "${workerId}" was cancelled by its AbortSignal`;
  return new SnakepitError("CANCELLED", message, { workerId, cause: signal.reason });
}
