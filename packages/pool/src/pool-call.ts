import type { CallLineage, Deadline, EncodedValue } from "@snakepit/core";
import type { Affinity } from "./pool-options.ts";

/** One call, as passed to a pool. */
export interface PoolCall {
  readonly tool: string;
  /** The encoded arguments; the pool does not decode them. */
  readonly args: EncodedValue;
  /** The deadline of queueing and execution together; `Infinity` for none. After it: `DEADLINE_EXCEEDED`. */
  readonly deadline: Deadline;
  /**
   * Milliseconds that the call may wait for a worker. Default: the pool's `queueTimeoutMs`. After that:
   * `QUEUE_TIMEOUT`.
   */
  readonly queueTimeoutMs?: number | undefined;
  /** Milliseconds between two chunks of a stream with credit. Default: no limit. After that: `DEADLINE_EXCEEDED`. */
  readonly idleTimeoutMs?: number | undefined;
  /** Cancels the call: `CANCELLED`, with the reason of the signal as the cause. */
  readonly signal?: AbortSignal | undefined;
  /** Included in the call's events, spans, logs and errors on both sides. */
  readonly correlationId: string;
  readonly sessionId?: string | undefined;
  /** See `WorkerCall.sessionGeneration`; the pool forwards it. */
  readonly sessionGeneration?: number | undefined;
  /** The affinity to the worker of the session. Default: the pool's `affinity`. Ignored without a session. */
  readonly affinity?: Affinity | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /**
   * Marks a call of a batch. While the queue is full, the call waits for room instead of being rejected, without taking
   * room from other callers.
   */
  readonly batch?: BatchTerms | undefined;
  /** The W3C trace context of the caller. Default: that of the active span. */
  readonly traceparent?: string | undefined;
  /** The call on whose behalf this call is made; absent for a call that is not nested. */
  readonly parent?: CallLineage | undefined;
}

/** The terms of a call of a batch. */
export interface BatchTerms {
  /** Milliseconds that the execution may take; `Infinity` for no limit. After that: `DEADLINE_EXCEEDED`. */
  readonly executionMs: number;
}
