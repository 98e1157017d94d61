import type { CallLineage, Deadline, EncodedValue } from "@snakepit/core";
import type { Affinity } from "./pool-options.ts";

/** One call, as a pool takes it. */
export interface PoolCall {
  readonly tool: string;
  /** The arguments, encoded already: the pool does not look inside. */
  readonly args: EncodedValue;
  /** Covers queueing and execution together; `Infinity` is never. Past it: `DEADLINE_EXCEEDED`. */
  readonly deadline: Deadline;
  /** Milliseconds that the call may wait for a worker; the pool's `queueTimeoutMs` by default. Past it: `QUEUE_TIMEOUT`. */
  readonly queueTimeoutMs?: number | undefined;
  /** Milliseconds that a stream may wait for one chunk while it has credit; no limit by default. Past it: `DEADLINE_EXCEEDED`. */
  readonly idleTimeoutMs?: number | undefined;
  /** Cancels the call when it aborts: `CANCELLED`, the signal's reason as the cause. */
  readonly signal?: AbortSignal | undefined;
  /** Stands in the call's events, spans, logs and errors on both sides. */
  readonly correlationId: string;
  readonly sessionId?: string | undefined;
  /** See `WorkerCall.sessionGeneration`; the pool hands it on. */
  readonly sessionGeneration?: number | undefined;
  /** How the call keeps to the worker of its session; the pool's `affinity` by default. Means nothing without a session. */
  readonly affinity?: Affinity | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /**
   * The call is one of many that a caller makes of a list. While the queue is full it waits for room instead of being
   * refused, and takes no place from other callers until then.
   */
  readonly batch?: BatchTerms | undefined;
  /** The call on whose behalf this one is made; absent for a call from outside. */
  readonly parent?: CallLineage | undefined;
}

/** What holds for a call of a batch. */
export interface BatchTerms {
  /** Milliseconds that the call may take once a worker has it; `Infinity` is no limit. Past it: `DEADLINE_EXCEEDED`. */
  readonly executionMs: number;
}
