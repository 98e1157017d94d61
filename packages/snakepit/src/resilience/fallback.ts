import { type Fallback, type FallbackCall, fallbackProblem, SnakepitError, toSnakepitError } from "@snakepit/core";
import type { PoolCall } from "@snakepit/pool";
import type { ToolArguments } from "../calling/call-options.ts";
import { unknownPool } from "../calling/unknown-names.ts";
import { hasFallback, mayRunElsewhere } from "./failure-meanings.ts";

/** Executes a call in another pool, with what that pool does for its calls. */
export type PoolExecutor = (call: PoolCall, args: ToolArguments, isIdempotent: boolean) => Promise<unknown>;

/** The call that failed. */
export interface FailedCall {
  readonly pool: string;
  readonly call: PoolCall;
  /** The arguments as the caller passed them. */
  readonly args: ToolArguments;
  readonly isIdempotent: boolean;
}

/**
 * Checks the fallback of a call.
 *
 * @param executors the pools of the host, by name.
 * @throws SnakepitError `INVALID_ARGUMENT`, `UNKNOWN_POOL`.
 */
export function checkFallback(fallback: Fallback, pool: string, executors: ReadonlyMap<string, PoolExecutor>): void {
  const problem = fallbackProblem(fallback);
  if (problem !== undefined) throw new SnakepitError("INVALID_ARGUMENT", `fallback ${problem}`, { pool });
  if (typeof fallback === "function" || !("pool" in fallback)) return;
  if (!executors.has(fallback.pool)) throw unknownPool(fallback.pool, [...executors.keys()]);
  if (fallback.pool !== pool) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `fallback.pool must be another pool; got the pool "${pool}" of the call`,
    {
      pool,
    },
  );
}

/**
 * Resolves with the fallback of a failed call.
 *
 * @throws SnakepitError the error of the call if it has no fallback: for failures of the call itself, such as
 *   `PYTHON_EXCEPTION` and `CANCELLED`, and for another pool also if the call may have been executed. Errors of a
 *   fallback function are rethrown; those of another pool have the first error as their cause.
 */
export async function fallBack(
  failed: FailedCall,
  thrown: unknown,
  fallback: Fallback,
  executors: ReadonlyMap<string, PoolExecutor>,
): Promise<unknown> {
  const error = toSnakepitError(thrown);
  if (!hasFallback(error)) throw thrown;
  if (typeof fallback === "function") return await fallback(error, describe(failed));
  if ("value" in fallback) return fallback.value;
  const execute = executors.get(fallback.pool);
  if (execute === undefined || !mayRunElsewhere(error, failed.isIdempotent)) throw thrown;
  try {
    return await execute(failed.call, failed.args, failed.isIdempotent);
  } catch (again) {
    throw inFallback(toSnakepitError(again), error);
  }
}

function describe({ pool, call, args }: FailedCall): FallbackCall {
  const { tool, correlationId, sessionId } = call;
  return { pool, tool, args, correlationId, ...(sessionId !== undefined && { sessionId }) };
}

/** Returns the error of a call in the fallback pool, with the error that led to it. */
function inFallback(error: SnakepitError, first: SnakepitError): SnakepitError {
  const { code, message, details, retryable, python, hostException } = error;
  const { pool, workerId, callId, sessionId, traceId } = error;
  return new SnakepitError(code, `${message}; it was the fallback of a call that failed with ${first.code}`, {
    cause: first,
    retryable,
    details,
    ...(python !== undefined && { python }),
    ...(hostException !== undefined && { hostException }),
    ...(pool !== undefined && { pool }),
    ...(workerId !== undefined && { workerId }),
    ...(callId !== undefined && { callId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(traceId !== undefined && { traceId }),
  });
}
