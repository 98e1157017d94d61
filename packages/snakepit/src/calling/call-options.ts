import type { Duration } from "@snakepit/core";
import type { Affinity } from "@snakepit/pool";

/** Options of `execute`. */
export interface CallOptions {
  /** Longest time from the call to its answer, queueing included; the pool's `executeTimeoutMs` (30 s) by default. `Infinity` waits without limit. */
  readonly timeoutMs?: Duration | undefined;
  /** Longest wait for a worker; the pool's `queueTimeoutMs` (5 s) by default. */
  readonly queueTimeoutMs?: Duration | undefined;
  /** Cancels the call when it aborts, in the tool as well. The call fails with `CANCELLED`, the signal's reason as its cause. */
  readonly signal?: AbortSignal | undefined;
  /** The session that the call is made in; it must have been made (`pit.session(id)`), and counts as used. */
  readonly sessionId?: string | undefined;
  /** How the call keeps to the worker of its session; the pool's `affinity` by default. The strict ones need a session. */
  readonly affinity?: Affinity | undefined;
  /** Strings by name that the tool gets in addition to its arguments; at most 65,536 characters in all. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Options of `stream`; `timeoutMs` covers all of it, and is the pool's `streamTimeoutMs` (5 min) by default. */
export interface StreamOptions extends CallOptions {
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

/** An object of any type but those that hold no arguments by name: arrays, functions, maps, sets, dates, promises. */
type NamedArguments = object & {
  readonly [Symbol.iterator]?: never;
  readonly [Symbol.hasInstance]?: never;
  readonly [Symbol.toPrimitive]?: never;
  readonly [Symbol.toStringTag]?: never;
};
