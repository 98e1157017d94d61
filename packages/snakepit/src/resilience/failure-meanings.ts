import type { ErrorCode, SnakepitError } from "@snakepit/core";

/** What the failure of a call means for a retry, for the circuit and for a fallback. */
interface FailureMeaning {
  /** Whether another attempt of a call that may be executed twice may succeed. */
  readonly isRetried: boolean;
  /** Whether it is a failure of the pool, which the circuit counts. */
  readonly isCounted: boolean;
  /**
   * Which fallbacks it has: `any`; another pool only for a call that `may be executed twice`, because it may have been
   * executed; or no other pool (`values`).
   */
  readonly fallbacks: "any" | "any if idempotent" | "values";
}

/**
 * The failures of the pool, not of the call itself. `POOL_SATURATED` and `QUEUE_TIMEOUT` are not retried, because more
 * calls would add to the overload. `POOL_SATURATED` is not counted, because a burst of calls to a healthy pool causes
 * it.
 */
const FAILURES: Partial<Record<ErrorCode, FailureMeaning>> = {
  WORKER_CRASHED: { isRetried: true, isCounted: true, fallbacks: "any if idempotent" },
  WORKER_HUNG: { isRetried: true, isCounted: true, fallbacks: "any if idempotent" },
  OUT_OF_MEMORY: { isRetried: false, isCounted: true, fallbacks: "any if idempotent" },
  // No time is left for another pool.
  DEADLINE_EXCEEDED: { isRetried: false, isCounted: true, fallbacks: "values" },
  QUEUE_TIMEOUT: { isRetried: false, isCounted: true, fallbacks: "any" },
  POOL_SATURATED: { isRetried: false, isCounted: false, fallbacks: "any" },
  POOL_NOT_READY: { isRetried: true, isCounted: true, fallbacks: "any" },
  WORKER_START_FAILED: { isRetried: false, isCounted: true, fallbacks: "any" },
  PROTOCOL_MISMATCH: { isRetried: false, isCounted: true, fallbacks: "any" },
  SESSION_WORKER_UNAVAILABLE: { isRetried: true, isCounted: false, fallbacks: "any" },
  REGISTRY_UNAVAILABLE: { isRetried: true, isCounted: false, fallbacks: "any" },
  CIRCUIT_OPEN: { isRetried: false, isCounted: false, fallbacks: "any" },
  // It would end the workers of another pool, too.
  POISON_CALL: { isRetried: false, isCounted: false, fallbacks: "values" },
};

/** The failures that show that a worker has executed the call. */
const ANSWERS: ReadonlySet<ErrorCode> = new Set(["PYTHON_EXCEPTION", "HOST_TOOL_EXCEPTION", "SERIALIZATION"]);

/** Whether another attempt of a call that may be executed twice may succeed. */
export function isRetried({ code, retryable }: SnakepitError): boolean {
  return retryable && FAILURES[code]?.isRetried === true;
}

/** Whether a failure has a fallback. */
export function hasFallback({ code }: SnakepitError): boolean {
  return FAILURES[code] !== undefined;
}

/** Whether another pool may execute a call after a failure. */
export function mayRunElsewhere({ code }: SnakepitError, isIdempotent: boolean): boolean {
  const fallbacks = FAILURES[code]?.fallbacks;
  return fallbacks === "any" || (fallbacks === "any if idempotent" && isIdempotent);
}

/**
 * Returns what a failure means for the circuit: a failure of the pool, an answer of a worker, or neither, for example
 * of a call that its caller aborted.
 *
 * @param exceptions whether exceptions of tools are failures.
 */
export function circuitOutcome({ code }: SnakepitError, exceptions: boolean): "failure" | "answer" | "neither" {
  if (FAILURES[code]?.isCounted === true) return "failure";
  if (exceptions && code === "PYTHON_EXCEPTION") return "failure";
  return ANSWERS.has(code) ? "answer" : "neither";
}
