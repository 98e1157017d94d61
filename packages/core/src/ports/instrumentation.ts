import type { SnakepitError } from "../errors/snakepit-error.ts";
import type { WorkerExit } from "./worker-handle.ts";

/** Every event, by name. Durations are in milliseconds. */
export interface SnakepitEvents {
  /** `stats().state` of a pool has changed. */
  "pool.state": { readonly pool: string; readonly from: PoolState; readonly to: PoolState };
  "pool.ready": { readonly pool: string; readonly workers: number; readonly durationMs: number };
  /** The restart intensity was exceeded; the pool keeps trying slowly. */
  "pool.degraded": { readonly pool: string; readonly cause: SnakepitError };
  "pool.recovered": { readonly pool: string };
  "pool.saturated": { readonly pool: string; readonly queued: number };
  "worker.starting": { readonly pool: string; readonly workerId: string; readonly attempt: number };
  "worker.ready": {
    readonly pool: string;
    readonly workerId: string;
    readonly pid: number;
    readonly durationMs: number;
  };
  "worker.start-failed": { readonly pool: string; readonly workerId: string; readonly error: SnakepitError };
  "worker.exited": {
    readonly pool: string;
    readonly workerId: string;
    readonly pid: number;
    readonly exit: WorkerExit;
  };
  /** A worker was recycled: a replacement is ready, and the worker has ended. From the request to its end took `durationMs`. */
  "worker.recycled": {
    readonly pool: string;
    readonly workerId: string;
    readonly replacementId: string;
    readonly durationMs: number;
  };
  /** What a worker printed or logged. */
  "worker.log": WorkerLogRecord;
  /** The process that forks or spawns the pool's workers came up. */
  "zygote.ready": { readonly pool: string; readonly pid: number; readonly durationMs: number };
  "zygote.exited": { readonly pool: string; readonly pid: number; readonly requested: boolean };
  /** This host has created a session. */
  "session.created": { readonly sessionId: string };
  /** A session that this host has used has ended: closed, here or elsewhere, or expired. */
  "session.ended": { readonly sessionId: string };
  /** The store of the sessions could not be reached in the background; it is tried again. */
  "session.store-failed": { readonly error: SnakepitError };
  "registry.swept": { readonly hosts: number; readonly killed: number; readonly rows: number };
}

/**
 * The state of a pool.
 *
 * - `idle`: not started yet;
 * - `starting`: no worker is ready, or not all have been for the first time; workers are being started;
 * - `ready`: it has had its workers, and at least one is ready; those that crash are replaced;
 * - `degraded`: workers keep failing, and the pool waits between attempts; it works with those it has;
 * - `failed`: its workers can never start (an import error, for example), so it has stopped trying;
 * - `closing`: closing or closed.
 */
export type PoolState = "idle" | "starting" | "ready" | "degraded" | "failed" | "closing";

/** A line or record that a worker wrote. */
export interface WorkerLogRecord {
  readonly pool: string;
  readonly workerId: string;
  /** Where it came from: `print`, the process's own stderr, or Python's `logging`. */
  readonly source: "stdout" | "stderr" | "logging";
  readonly level: "debug" | "info" | "warn" | "error";
  /** Name of the Python logger; absent for printed text. */
  readonly logger?: string;
  readonly message: string;
  /** The call that was being executed. */
  readonly correlationId?: string;
}

export type EventName = keyof SnakepitEvents;

/** What is known of a call when it begins. */
export interface CallInfo {
  readonly pool: string;
  readonly tool: string;
  readonly correlationId: string;
  readonly streaming: boolean;
  readonly sessionId?: string | undefined;
}

/** Follows one call from its beginning to its end. */
export interface CallTrace {
  /** W3C trace context for the tool; `undefined` when the call is not traced. */
  readonly traceparent: string | undefined;
  /** The call left the queue for a worker. */
  dispatched(workerId: string): void;
  /** The caller has its answer. Called once; `error` is absent when it is a value or the end of a stream. */
  ended(error?: SnakepitError): void;
}

/** Where packages report events. Listeners must not throw; an implementation shields the emitter from those that do. */
export interface Instrumentation {
  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void;
  /** Begins to trace a call; `undefined` when nothing traces calls, which costs nothing. */
  startCall(call: CallInfo): CallTrace | undefined;
}

/** The default: ignores all events. */
export const noInstrumentation: Instrumentation = {
  emit() {},
  startCall: () => undefined,
};

/** Takes structured records: an object of facts, then a message. pino has this shape, and so have most loggers. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}
