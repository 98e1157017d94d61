import type { SnakepitError } from "../errors/snakepit-error.ts";
import type { CallTrace } from "./call-trace.ts";
import type { WorkerExit } from "./worker-handle.ts";
import type { TelemetryAttributes, WorkerTelemetrySource } from "./worker-telemetry.ts";

/** Every event, by name. Durations are in milliseconds. */
export interface SnakepitEvents {
  /** `stats().state` of a pool has changed. */
  "pool.state": { readonly pool: string; readonly from: PoolState; readonly to: PoolState };
  "pool.ready": { readonly pool: string; readonly workers: number; readonly durationMs: number };
  /** The restart limit was exceeded; the pool waits between attempts. */
  "pool.degraded": { readonly pool: string; readonly cause: SnakepitError };
  "pool.recovered": { readonly pool: string };
  /** The number of workers of a pool was changed, by `resize()` or because calls waited or workers were idle. */
  "pool.resized": {
    readonly pool: string;
    readonly from: number;
    readonly to: number;
    readonly reason: ResizeReason;
  };
  /** All workers of a pool run the code that was loaded by a reload. */
  "pool.reloaded": { readonly pool: string; readonly workers: number; readonly durationMs: number };
  /** A reload has failed. The workers continue to run the code that they have loaded. */
  "pool.reload-failed": { readonly pool: string; readonly error: SnakepitError };
  /**
   * More workers were replaced within a period than `churn.maxReplaced`; reported once until fewer are. `reasons` has
   * the number of workers by reason: `recycled`, `unresponsive` (they did not stop a cancelled call), an error code, a
   * signal or an exit status.
   */
  "pool.churning": {
    readonly pool: string;
    readonly replaced: number;
    readonly withinMs: number;
    readonly reasons: Readonly<Record<string, number>>;
  };
  "pool.saturated": { readonly pool: string; readonly queued: number };
  /** A call that may be executed twice (`idempotent`) has failed and is executed again after `delayMs`. */
  "call.retried": {
    readonly pool: string;
    readonly tool: string;
    readonly correlationId: string;
    /** The number of the attempt that follows: 2 for the first retry. */
    readonly attempt: number;
    readonly delayMs: number;
    readonly error: SnakepitError;
  };
  /** A call has ended several workers; from now on, calls with the same arguments are rejected (`POISON_CALL`). */
  "call.poisoned": {
    readonly pool: string;
    readonly tool: string;
    /** The last of these calls. */
    readonly correlationId: string;
    readonly crashes: number;
    /** How its last worker ended. */
    readonly exit: WorkerExit;
  };
  /** So many calls failed because of the pool that the circuit rejects calls for `openMs` (`CIRCUIT_OPEN`). */
  "circuit.opened": {
    readonly pool: string;
    /** The tool, if each tool has a circuit. */
    readonly tool?: string;
    /** Calls and failures in the window. */
    readonly calls: number;
    readonly failures: number;
    readonly openMs: number;
    /** The last failure. */
    readonly error: SnakepitError;
  };
  /** The circuit lets probes pass: if they succeed, it closes. */
  "circuit.half-open": { readonly pool: string; readonly tool?: string };
  "circuit.closed": { readonly pool: string; readonly tool?: string };
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
  /** A worker was recycled: its replacement is ready, and it has ended. */
  "worker.recycled": {
    readonly pool: string;
    readonly workerId: string;
    readonly replacementId: string;
    readonly reason: RecycleReason;
    /** Milliseconds since the request. */
    readonly durationMs: number;
    /** Milliseconds from the moment when the worker was ready to its end. */
    readonly uptimeMs: number;
    /** Calls that the worker has received. */
    readonly requests: number;
  };
  /** A health check of a worker has failed. The worker is replaced. */
  "worker.unhealthy": { readonly pool: string; readonly workerId: string; readonly error: SnakepitError };
  /** A worker printed a line or logged a record. */
  "worker.log": WorkerLogRecord;
  /** A tool has called `emit()`. Precedes the result of its call. */
  "python.event": {
    readonly pool: string;
    readonly workerId: string;
    readonly name: string;
    /** Numbers by name. */
    readonly measurements: Readonly<Record<string, number>>;
    readonly metadata: TelemetryAttributes;
    /** When it was emitted, in milliseconds since 1970, on the clock of the worker. */
    readonly time: number;
    /** The call; absent if no call was active. */
    readonly tool?: string;
    readonly correlationId?: string;
    readonly traceId?: string;
    readonly spanId?: string;
  };
  /** A span of a tool has ended, or the execution of a call. Precedes the result of the call. */
  "python.span": {
    readonly pool: string;
    readonly workerId: string;
    readonly tool: string;
    readonly correlationId: string;
    readonly name: string;
    /** Unique in the call. */
    readonly id: string;
    /** The span that contains it; absent for the execution. */
    readonly parentId?: string;
    /** Whether it is the execution of the call. */
    readonly isExecution: boolean;
    /** When it began, in milliseconds since 1970, on the clock of the worker. */
    readonly time: number;
    readonly durationMs: number;
    readonly attributes: TelemetryAttributes;
    /** The exception that has left the span. */
    readonly error?: { readonly type: string; readonly message: string };
  };
  /** Python has collected garbage; only with the setting `gc`. */
  "python.gc": {
    readonly pool: string;
    readonly workerId: string;
    readonly generation: number;
    /** When it began, in milliseconds since 1970, on the clock of the worker. */
    readonly time: number;
    readonly durationMs: number;
    readonly collected: number;
    readonly uncollectable: number;
  };
  /** The memory of a worker; only with the setting `memoryIntervalMs`. */
  "python.memory": {
    readonly pool: string;
    readonly workerId: string;
    /** In milliseconds since 1970, on the clock of the worker. */
    readonly time: number;
    readonly rssBytes: number;
    /** Memory blocks that the allocator of Python has handed out. */
    readonly allocatedBlocks: number;
  };
  /** Spans and events of a worker were dropped, because there were more than `maxPerSecond`. */
  "python.dropped": {
    readonly pool: string;
    readonly workerId: string;
    readonly spans: number;
    readonly events: number;
  };
  /** The process that forks or spawns the workers of the pool is ready. */
  "zygote.ready": { readonly pool: string; readonly pid: number; readonly durationMs: number };
  /** That process has ended; `requested` if the host ended it, or if it reported that it cannot start workers. */
  "zygote.exited": { readonly pool: string; readonly pid: number; readonly requested: boolean };
  /** This host has created a session. */
  "session.created": { readonly sessionId: string };
  /** A session that this host has used was closed, here or by another process, or has expired. */
  "session.ended": { readonly sessionId: string };
  /** A background operation could not reach the store of the sessions; it is retried. */
  "session.store-failed": { readonly error: SnakepitError };
  "registry.swept": { readonly hosts: number; readonly killed: number; readonly rows: number };
}

/**
 * The state of a pool.
 *
 * - `idle`: not started;
 * - `starting`: workers are starting for the first time, or no worker is ready;
 * - `ready`: all workers have been ready, and at least one is; crashed workers are replaced;
 * - `degraded`: workers keep failing, and the pool waits between attempts; it uses its remaining workers;
 * - `failed`: workers cannot start, for example because of an import error, and the pool has stopped trying;
 * - `closing`: closing or closed.
 */
export type PoolState = "idle" | "starting" | "ready" | "degraded" | "failed" | "closing";

/**
 * Why the number of workers was changed: `resize()`, calls that waited for a worker, or workers without calls.
 */
export type ResizeReason = "requested" | "calls-waited" | "workers-idle";

/**
 * Why a worker was replaced: `recycle()`, a limit of the pool's `recycle` options, a failed health check, a
 * cancelled call that did not stop while other calls of the worker continued, or a reload.
 */
export type RecycleReason = "requested" | "age" | "requests" | "memory" | "unhealthy" | "unresponsive" | "reload";

/** A line that a worker printed, or a record that it logged. */
export interface WorkerLogRecord {
  readonly pool: string;
  readonly workerId: string;
  /** The source: `print`, the stderr of the process, or Python's `logging`. */
  readonly source: "stdout" | "stderr" | "logging";
  readonly level: "debug" | "info" | "warn" | "error";
  /** Name of the Python logger; absent for printed lines. */
  readonly logger?: string;
  readonly message: string;
  /** The active call. */
  readonly correlationId?: string;
  /** The trace of the call, and the span in which the record was written. */
  readonly traceId?: string;
  readonly spanId?: string;
}

export type EventName = keyof SnakepitEvents;

/** The properties of a call at its start. */
export interface CallInfo {
  readonly pool: string;
  readonly tool: string;
  readonly correlationId: string;
  readonly streaming: boolean;
  readonly sessionId?: string | undefined;
  /**
   * The W3C trace context that the caller has passed; it is used instead of the active span, unless that belongs to the
   * same trace.
   */
  readonly callerTraceparent?: string | undefined;
}

/** The request of a worker to run a host tool. */
export interface HostToolInfo {
  readonly tool: string;
  readonly pool: string | undefined;
  readonly workerId: string | undefined;
  readonly correlationId: string;
  readonly streaming: boolean;
  /** The W3C trace context of the span that makes the request. */
  readonly traceparent: string | undefined;
}

/** Traces one execution of a host tool. */
export interface HostToolTrace {
  /** W3C trace context of the execution; `undefined` if it is not traced. */
  readonly traceparent: string | undefined;
  /** Runs a part of the tool as part of the trace. */
  run<Result>(work: () => Result): Result;
  /** The execution has ended. Called once; with what was thrown if it failed. */
  ended(error?: unknown): void;
}

/** Receives the events and calls of a host. Implementations must catch the errors of their listeners. */
export interface Instrumentation {
  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void;
  /** Starts to trace a call; `undefined` without tracing, which has no overhead. */
  startCall(call: CallInfo): CallTrace | undefined;
  /** Starts to trace a host tool; `undefined` without tracing. */
  startHostTool?(call: HostToolInfo): HostToolTrace | undefined;
  /** What workers record. Default: nothing. */
  readonly workerTelemetry?: WorkerTelemetrySource | undefined;
}

/** The default: ignores all events. */
export const noInstrumentation: Instrumentation = {
  emit() {},
  startCall: () => undefined,
};

/** A structured logger, such as pino: each method takes an object of fields and a message. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
