import type { CallLineage, Deadline } from "@snakepit/core";

/** A request to run a host tool. */
export interface HostToolCall {
  readonly tool: string;
  /** Decoded arguments by name; absent without arguments. The tool may modify them. */
  readonly args: unknown;
  readonly sessionId: string | undefined;
  /** See `CallScope`. */
  readonly sessionGeneration?: number | undefined;
  /** The pool of the requesting worker; absent for clients. */
  readonly pool?: string | undefined;
  /** The requesting worker; absent for clients. */
  readonly workerId?: string | undefined;
  /** The correlation ID of the requesting call. */
  readonly correlationId: string;
  /** The requesting call, and the calls that wait for it; absent when no call is involved. */
  readonly lineage?: CallLineage | undefined;
  /** The W3C trace context of the span that makes the request; absent without one. */
  readonly traceparent?: string | undefined;
  /** When the caller stops waiting. */
  readonly deadline: Deadline;
  /** Aborts when the caller has stopped waiting. */
  readonly signal: AbortSignal;
}
