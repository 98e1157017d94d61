import type { Duration, Fallback } from "@snakepit/core";
import type { Affinity } from "@snakepit/pool";

/** Options of `execute`. */
export interface CallOptions {
  /**
   * Longest time from the call to its result, queueing included; by default the limit of the tool (`tools`, or
   * `timeout_s` in Python), otherwise the pool's `executeTimeoutMs` (30 s). `Infinity` waits without limit.
   */
  readonly timeoutMs?: Duration | undefined;
  /** Longest wait for a worker; the pool's `queueTimeoutMs` (5 s) by default. */
  readonly queueTimeoutMs?: Duration | undefined;
  /**
   * Cancels the call when it aborts, in the tool as well. The call fails with `CANCELLED`, with the signal's reason as
   * its cause.
   */
  readonly signal?: AbortSignal | undefined;
  /** The session of the call. It must have been created (`pit.session(id)`); the call counts as use. */
  readonly sessionId?: string | undefined;
  /**
   * How the call chooses the worker of its session; the pool's `affinity` by default. The strict values require a
   * session.
   */
  readonly affinity?: Affinity | undefined;
  /**
   * Whether the call may be executed twice; by default the setting of the tool (`tools`, or `idempotent` in Python),
   * otherwise false. It is then executed again when its worker dies or no worker is available (`WORKER_CRASHED`,
   * `WORKER_HUNG`, `POOL_NOT_READY`, `SESSION_WORKER_UNAVAILABLE`, `REGISTRY_UNAVAILABLE`), as the pool option `retry`
   * specifies.
   */
  readonly idempotent?: boolean | undefined;
  /**
   * What the call resolves with when its pool fails: `{ value }`; a function of the error and the call, which may be
   * async; or `{ pool }`, another pool with the same tool, if the call was not executed or is idempotent. By default
   * the `fallback` of the pool.
   */
  readonly fallback?: Fallback | undefined;
  /** Strings by name that the tool receives in addition to its arguments; at most 65,536 characters in total. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /**
   * W3C trace context of the caller, for example a `traceparent` header; by default that of the active OpenTelemetry
   * span. The call joins this trace. An active span of the same trace is the parent instead, because it is closer.
   */
  readonly traceparent?: string | undefined;
}

/**
 * Options of `stream`; `timeoutMs` limits the whole stream and is by default the limit of the tool, otherwise the
 * pool's `streamTimeoutMs` (5 min).
 */
export interface StreamOptions extends Omit<CallOptions, "idempotent" | "fallback"> {
  /** Longest wait for one chunk; no limit by default. */
  readonly idleTimeoutMs?: Duration | undefined;
}

/** Specifies the pool of a call. */
export interface PoolChoice {
  /** Name of the pool; by default the one named `default`, or the only one. */
  readonly pool?: string | undefined;
}

/** Arguments of a tool by name: a plain object, also one whose type is an interface or a custom type. */
export type ToolArguments = Readonly<Record<string, unknown>> | NamedArguments;

/** An object of any type except those without named arguments: arrays, functions, maps, sets, dates, promises. */
type NamedArguments = object & {
  readonly [Symbol.iterator]?: never;
  readonly [Symbol.hasInstance]?: never;
  readonly [Symbol.toPrimitive]?: never;
  readonly [Symbol.toStringTag]?: never;
};
