// Generated from the catalogue of events by `pnpm --filter @snakepit/core run generate:events`; not to be edited.
import type { SnakepitError } from "../../errors/snakepit-error.ts";
import type { WorkerExit } from "../../ports/worker-handle.ts";

/** Every event, by name. Durations are in milliseconds. */
export interface SnakepitEvents {
  /**
   * A pool has received a call, which it executes, queues or rejects. Each attempt of a call that is retried has these
   * events, with the same correlation ID. Created only while it has a listener; not logged.
   */
  "call.started": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool. */
    readonly tool: string;
    /** Correlation ID of the call, as in its errors, logs and spans. */
    readonly correlationId: string;
    /** ID of the session; absent for a call without one. */
    readonly sessionId?: string | undefined;
    /** Whether the caller expects chunks. */
    readonly streaming: boolean;
    /** Correlation ID of the call that made this one through a host tool; absent for other calls. */
    readonly parentId?: string | undefined;
  };
  /**
   * A worker executes the call. Emitted again if the worker had not started it and another one takes it. Created only
   * while it has a listener; not logged.
   */
  "call.dispatched": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool. */
    readonly tool: string;
    /** Correlation ID of the call, as in its errors, logs and spans. */
    readonly correlationId: string;
    /** ID of the session; absent for a call without one. */
    readonly sessionId?: string | undefined;
    /** ID of the worker. */
    readonly workerId: string;
    /** Time since `call.started`. In milliseconds. */
    readonly queueMs: number;
  };
  /**
   * A call has ended for its caller. Emitted once for each `call.started`. Created only while it has a listener; not
   * logged.
   */
  "call.ended": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool. */
    readonly tool: string;
    /** Correlation ID of the call, as in its errors, logs and spans. */
    readonly correlationId: string;
    /** ID of the session; absent for a call without one. */
    readonly sessionId?: string | undefined;
    /** ID of the worker; absent if none executed the call. */
    readonly workerId?: string | undefined;
    /** Time until a worker executed the call, or until the call ended without a worker. In milliseconds. */
    readonly queueMs: number;
    /**
     * Time that the worker spent on the call; absent if it did not report one, for example because it died. In
     * milliseconds.
     */
    readonly executionMs?: number | undefined;
    /** Time since `call.started`. In milliseconds. */
    readonly durationMs: number;
    /** The error; its `code` is the reason. Absent for a successful call. */
    readonly error?: SnakepitError | undefined;
  };
  /** A call that may be executed twice (`idempotent`) has failed and is executed again after `delayMs`; 0: at once. */
  "call.retried": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool. */
    readonly tool: string;
    /** Correlation ID of the call, as in its errors, logs and spans. */
    readonly correlationId: string;
    /** ID of the session; absent for a call without one. */
    readonly sessionId?: string | undefined;
    /** Number of the attempt that follows: 2 for the first retry. */
    readonly attempt: number;
    /** Delay before this attempt. In milliseconds. */
    readonly delayMs: number;
    /** The error of the failed attempt. */
    readonly error: SnakepitError;
  };
  /** A call has ended several workers; from now on, calls with the same arguments are rejected (`POISON_CALL`). */
  "call.poisoned": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool. */
    readonly tool: string;
    /** Correlation ID of the last of these calls. */
    readonly correlationId: string;
    /** ID of the session; absent for a call without one. */
    readonly sessionId?: string | undefined;
    /** Number of workers that ended. */
    readonly crashes: number;
    /** How the last one ended. */
    readonly exit: WorkerExit;
  };
  /** A worker executes a call that yields chunks. Created only while it has a listener; not logged. */
  "stream.started": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool. */
    readonly tool: string;
    /** Correlation ID of the call, as in its errors, logs and spans. */
    readonly correlationId: string;
    /** ID of the session; absent for a call without one. */
    readonly sessionId?: string | undefined;
    /** ID of the worker. */
    readonly workerId: string;
    /** Number of chunks that the worker may send before the caller has read one. */
    readonly credit: number;
  };
  /**
   * A stream has ended: its last chunk has arrived, it has failed, or its caller has left it. Created only while it has
   * a listener; not logged.
   */
  "stream.ended": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool. */
    readonly tool: string;
    /** Correlation ID of the call, as in its errors, logs and spans. */
    readonly correlationId: string;
    /** ID of the session; absent for a call without one. */
    readonly sessionId?: string | undefined;
    /** ID of the worker. */
    readonly workerId: string;
    /** Number of chunks that have arrived. */
    readonly chunks: number;
    /** Their size on the wire. In bytes. */
    readonly bytes: number;
    /** Time from `stream.started` to the first chunk; absent without a chunk. In milliseconds. */
    readonly firstChunkMs?: number | undefined;
    /** How often the worker had to wait because the caller had not read its chunks. */
    readonly creditWaits: number;
    /** Total of these waits: from the arrival of the last permitted chunk to the next credit. In milliseconds. */
    readonly creditWaitMs: number;
    /** Time since `stream.started`. In milliseconds. */
    readonly durationMs: number;
    /** The error; absent for a stream that ended or that its caller left. */
    readonly error?: SnakepitError | undefined;
  };
  /** A call waits. Created only while it has a listener; not logged. Experimental. */
  "queue.entered": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool. */
    readonly tool: string;
    /** Correlation ID of the call, as in its errors, logs and spans. */
    readonly correlationId: string;
    /** ID of the session; absent for a call without one. */
    readonly sessionId?: string | undefined;
    /** Why it waits. */
    readonly reason: QueueReason;
    /** Number of queued calls, as in `stats()`. */
    readonly queued: number;
  };
  /**
   * A call has waited for its `queueTimeoutMs` and fails with `QUEUE_TIMEOUT`. Created only while it has a listener;
   * not logged.
   */
  "queue.timeout": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool. */
    readonly tool: string;
    /** Correlation ID of the call, as in its errors, logs and spans. */
    readonly correlationId: string;
    /** ID of the session; absent for a call without one. */
    readonly sessionId?: string | undefined;
    /** The longest time that the call may wait. In milliseconds. */
    readonly timeoutMs: number;
    /** Number of queued calls, this one included. */
    readonly queued: number;
    /** Number of ready workers. */
    readonly workers: number;
  };
  /** `stats().state` of a pool has changed. */
  "pool.state": {
    /** Name of the pool. */
    readonly pool: string;
    /** The previous state. */
    readonly from: PoolState;
    /** The state. */
    readonly to: PoolState;
  };
  /** All workers of a pool are ready for the first time. */
  "pool.ready": {
    /** Name of the pool. */
    readonly pool: string;
    /** Number of ready workers. */
    readonly workers: number;
    /** Time since the start of the pool. In milliseconds. */
    readonly durationMs: number;
  };
  /** The restart limit was exceeded; the pool waits between attempts. */
  "pool.degraded": {
    /** Name of the pool. */
    readonly pool: string;
    /** The last failure. */
    readonly cause: SnakepitError;
  };
  /** A degraded pool has all its workers again. */
  "pool.recovered": {
    /** Name of the pool. */
    readonly pool: string;
  };
  /** The number of workers of a pool was changed, by `resize()` or because calls waited or workers were idle. */
  "pool.resized": {
    /** Name of the pool. */
    readonly pool: string;
    /** The previous number of workers. */
    readonly from: number;
    /** The number of workers. */
    readonly to: number;
    /** Why it was changed. */
    readonly reason: ResizeReason;
  };
  /** All workers of a pool run the code that was loaded by a reload. */
  "pool.reloaded": {
    /** Name of the pool. */
    readonly pool: string;
    /** Number of replaced workers. */
    readonly workers: number;
    /** Time since the start of the reload. In milliseconds. */
    readonly durationMs: number;
  };
  /** A reload has failed. The workers continue to run the code that they have loaded. */
  "pool.reload-failed": {
    /** Name of the pool. */
    readonly pool: string;
    /** The error; its `code` is the reason. */
    readonly error: SnakepitError;
  };
  /** More workers were replaced within a period than `churn.maxReplaced`; reported once until fewer are. */
  "pool.churning": {
    /** Name of the pool. */
    readonly pool: string;
    /** Number of replaced workers. */
    readonly replaced: number;
    /** The period. In milliseconds. */
    readonly withinMs: number;
    /**
     * Number of workers by reason: `recycled`, `unresponsive` (they did not stop a cancelled call), an error code, a
     * signal or an exit status.
     */
    readonly reasons: Readonly<Record<string, number>>;
  };
  /**
   * The queue of a pool is full, and a call was rejected (`POOL_SATURATED`); reported once until a call is queued
   * again.
   */
  "pool.saturated": {
    /** Name of the pool. */
    readonly pool: string;
    /** Number of queued calls. */
    readonly queued: number;
    /** The pool's `queueLimit`. */
    readonly limit: number;
    /**
     * Number of workers that can take a call: 0, unless calls wait for the worker of their session or the limit of
     * their tool.
     */
    readonly available: number;
    /** Number of workers that can take no further call. */
    readonly busy: number;
  };
  /** So many calls failed because of the pool that the circuit rejects calls for `openMs` (`CIRCUIT_OPEN`). */
  "circuit.opened": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool, if each tool has a circuit. */
    readonly tool?: string | undefined;
    /** Number of calls in the window. */
    readonly calls: number;
    /** Number of failed calls in the window. */
    readonly failures: number;
    /** Time until the circuit lets probes pass. In milliseconds. */
    readonly openMs: number;
    /** The last failure. */
    readonly error: SnakepitError;
  };
  /** The circuit lets probes pass: if they succeed, it closes. */
  "circuit.half-open": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool, if each tool has a circuit. */
    readonly tool?: string | undefined;
  };
  /** The circuit lets all calls pass again. */
  "circuit.closed": {
    /** Name of the pool. */
    readonly pool: string;
    /** Name of the tool, if each tool has a circuit. */
    readonly tool?: string | undefined;
  };
  /** A worker is being started. */
  "worker.starting": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** Number of the attempt, from 1; counts failed starts in a row. */
    readonly attempt: number;
  };
  /** A worker is ready for calls. */
  "worker.ready": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** Process ID. */
    readonly pid: number;
    /** Time since `worker.starting`. In milliseconds. */
    readonly durationMs: number;
  };
  /** A worker could not be started. */
  "worker.start-failed": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** The error; its `code` is the reason. */
    readonly error: SnakepitError;
  };
  /** The process of a worker that was ready has ended. */
  "worker.exited": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** Process ID. */
    readonly pid: number;
    /** How it ended. */
    readonly exit: WorkerExit;
  };
  /** A worker was recycled: its replacement is ready, and it has ended. */
  "worker.recycled": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** ID of its replacement. */
    readonly replacementId: string;
    /** Why it was replaced. */
    readonly reason: RecycleReason;
    /** Time since the request. In milliseconds. */
    readonly durationMs: number;
    /** Time from the moment when the worker was ready to its end. In milliseconds. */
    readonly uptimeMs: number;
    /** Number of calls that the worker has received. */
    readonly requests: number;
  };
  /** A health check of a worker has failed. The worker is replaced. */
  "worker.unhealthy": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** The error; its `code` is the reason. */
    readonly error: SnakepitError;
  };
  /**
   * A worker that can execute several calls at the same time executes as many as it can. Created only while it has a
   * listener; not logged.
   */
  "worker.full": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** Number of calls that it executes at the same time. */
    readonly capacity: number;
  };
  /** A worker printed a line or logged a record. */
  "worker.log": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker; the name of the pool in a record about all its workers. */
    readonly workerId: string;
    /** The source. */
    readonly source: WorkerLogSource;
    /** The level; that of a line depends on its source. */
    readonly level: WorkerLogLevel;
    /** Name of the Python logger; absent for printed lines. */
    readonly logger?: string | undefined;
    /** The line, or the message of the record. */
    readonly message: string;
    /** Correlation ID of the active call; absent without one. */
    readonly correlationId?: string | undefined;
    /** The session of the active call. */
    readonly sessionId?: string | undefined;
    /** Name of the Python thread that wrote it; absent for the main thread. */
    readonly thread?: string | undefined;
    /** ID of the trace of this call; absent if it was not traced. */
    readonly traceId?: string | undefined;
    /** ID of the span in which it was written; absent without a trace. */
    readonly spanId?: string | undefined;
  };
  /** The process that forks or spawns the workers of the pool is ready. */
  "zygote.ready": {
    /** Name of the pool. */
    readonly pool: string;
    /** Process ID. */
    readonly pid: number;
    /** Time since its start. In milliseconds. */
    readonly durationMs: number;
  };
  /** That process has ended. */
  "zygote.exited": {
    /** Name of the pool. */
    readonly pool: string;
    /** Process ID. */
    readonly pid: number;
    /** Whether the host ended it, or it reported that it cannot start workers. */
    readonly requested: boolean;
  };
  /** This host has created a session. */
  "session.created": {
    /** ID of the session. */
    readonly sessionId: string;
  };
  /** A session that this host has used was closed, here or by another process, or has expired. */
  "session.ended": {
    /** ID of the session. */
    readonly sessionId: string;
  };
  /**
   * A call of a session is executed by another worker than its last call, or it is the first one. Created only while it
   * has a listener; not logged. Experimental.
   */
  "session.assigned": {
    /** ID of the session. */
    readonly sessionId: string;
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** ID of the worker of the last call; absent if none is running. */
    readonly previousWorkerId?: string | undefined;
  };
  /** A background operation could not reach the store of the sessions; it is retried. */
  "session.store-failed": {
    /** The error; its `code` is the reason. */
    readonly error: SnakepitError;
  };
  /** A variable was created through this host. Created only while it has a listener; not logged. Experimental. */
  "variable.registered": {
    /** ID of the session. */
    readonly sessionId: string;
    /** Name of the variable. */
    readonly variable: string;
    /** The writer: `host`, the ID of a worker, or `client:` and the name of a client. */
    readonly by: string;
    /** Correlation ID of the call or request that made the change; absent for a change by the host. */
    readonly correlationId?: string | undefined;
    /** Type of the variable, for example `integer`. */
    readonly type: string;
    /** Its version: 1, or more if a variable with this name was deleted before. */
    readonly version: number;
  };
  /**
   * The value of a variable was set through this host. Created only while it has a listener; not logged. Experimental.
   */
  "variable.set": {
    /** ID of the session. */
    readonly sessionId: string;
    /** Name of the variable. */
    readonly variable: string;
    /** The writer: `host`, the ID of a worker, or `client:` and the name of a client. */
    readonly by: string;
    /** Correlation ID of the call or request that made the change; absent for a change by the host. */
    readonly correlationId?: string | undefined;
    /** The new version. */
    readonly version: number;
  };
  /** A variable was deleted through this host. Created only while it has a listener; not logged. Experimental. */
  "variable.deleted": {
    /** ID of the session. */
    readonly sessionId: string;
    /** Name of the variable. */
    readonly variable: string;
    /** The writer: `host`, the ID of a worker, or `client:` and the name of a client. */
    readonly by: string;
    /** Correlation ID of the call or request that made the change; absent for a change by the host. */
    readonly correlationId?: string | undefined;
  };
  /**
   * A program was stored or updated through this host. Created only while it has a listener; not logged. Experimental.
   */
  "program.stored": {
    /** ID of the program. */
    readonly program: string;
    /** ID of its session; absent for a global program. */
    readonly sessionId?: string | undefined;
    /** The writer: `host`, the ID of a worker, or `client:` and the name of a client. */
    readonly by: string;
    /** Correlation ID of the call or request that made the change; absent for a change by the host. */
    readonly correlationId?: string | undefined;
    /** The new version: 1 for a program that did not exist. */
    readonly version: number;
  };
  /** A program was deleted through this host. Created only while it has a listener; not logged. Experimental. */
  "program.deleted": {
    /** ID of the program. */
    readonly program: string;
    /** ID of its session; absent for a global program. */
    readonly sessionId?: string | undefined;
    /** The writer: `host`, the ID of a worker, or `client:` and the name of a client. */
    readonly by: string;
    /** Correlation ID of the call or request that made the change; absent for a change by the host. */
    readonly correlationId?: string | undefined;
  };
  /**
   * Host tools were registered, or offered by a client. Created only while it has a listener; not logged. Experimental.
   */
  "tool.registered": {
    /** Names of the tools. */
    readonly tools: readonly string[];
    /** ID of the session that can use them; absent for global tools. */
    readonly sessionId?: string | undefined;
  };
  /**
   * Host tools were removed, or are no longer offered. The tools of a session that ends have no such event. Created
   * only while it has a listener; not logged. Experimental.
   */
  "tool.unregistered": {
    /** Names of the tools. */
    readonly tools: readonly string[];
    /** ID of the session that can use them; absent for global tools. */
    readonly sessionId?: string | undefined;
  };
  /**
   * Python, or a client, has called a host tool, and the call has ended. Created only while it has a listener; not
   * logged. Experimental.
   */
  "tool.called": {
    /** Name of the host tool. */
    readonly tool: string;
    /** Whether the tool yields chunks. */
    readonly streaming: boolean;
    /** The caller: the ID of a worker, or `client:` and the name of a client. */
    readonly by: string;
    /** Name of the pool of the calling worker; absent for a client. */
    readonly pool?: string | undefined;
    /** Correlation ID of the call that called the tool, or of the request of a client. */
    readonly correlationId: string;
    /** ID of the session; absent without one. */
    readonly sessionId?: string | undefined;
    /** Time from the request to its end. In milliseconds. */
    readonly durationMs: number;
    /** The error; absent for a successful call. */
    readonly error?: SnakepitError | undefined;
  };
  /** The processes of dead hosts were searched at the start of this host. */
  "registry.swept": {
    /** Number of dead hosts. */
    readonly hosts: number;
    /** Number of their processes, which were killed. */
    readonly killed: number;
    /** Number of rows that were removed from the registry. */
    readonly rows: number;
  };
  /** The process registry does not answer. Workers are still replaced; their processes are recorded later. */
  "registry.unavailable": {
    /** The error; its `code` is the reason. */
    readonly error: SnakepitError;
  };
  /** The process registry answers again, and has all running processes. */
  "registry.recovered": {
    /** Number of changes that were recorded now. */
    readonly changes: number;
  };
  /** Processes were still running that should have ended, and were killed. */
  "host.leftovers": {
    /** When they were found. */
    readonly phase: LeftoverPhase;
    /** Their process IDs. */
    readonly pids: readonly number[];
  };
  /**
   * A worker has reported its memory, with a heartbeat. Created only while it has a listener; not logged. Experimental.
   */
  "python.memory": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** Resident memory of the process. In bytes. */
    readonly rssBytes: number;
    /** Number of active calls. */
    readonly active: number;
  };
  /**
   * The garbage collector of a worker has run; only with the setting `gc`. Created only while it has a listener; not
   * logged. Experimental.
   */
  "python.gc": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** The oldest generation that was collected. */
    readonly generation: number;
    /** When it began, in milliseconds since 1970, on the clock of the worker. */
    readonly startedAt: number;
    /** Duration of the collection. In milliseconds. */
    readonly durationMs: number;
    /** Number of collected objects. */
    readonly collected: number;
    /** Number of objects that could not be collected. */
    readonly uncollectable: number;
  };
  /**
   * Python code has called `emit()`. In a call, the event precedes the result. Created only while it has a listener;
   * not logged. Experimental.
   */
  "python.event": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** The name that was passed to `emit()`. */
    readonly event: string;
    /** The measurements, by name. */
    readonly measurements: Readonly<Record<string, number>>;
    /** The metadata. */
    readonly metadata: Readonly<Record<string, unknown>>;
    /** When it was emitted, in milliseconds since 1970, on the clock of the worker. */
    readonly emittedAt: number;
    /** Name of the tool that emitted it; absent outside of calls. */
    readonly tool?: string | undefined;
    /** Correlation ID of the call that emitted it; absent outside of calls. */
    readonly correlationId?: string | undefined;
    /** ID of the session of this call; absent without one. */
    readonly sessionId?: string | undefined;
    /** ID of the trace of this call; absent if it was not traced. */
    readonly traceId?: string | undefined;
    /** ID of the span in which it was emitted; absent without a trace. */
    readonly spanId?: string | undefined;
  };
  /**
   * A span of a tool has ended, or the execution of a call. Precedes the result of the call. Created only while it has
   * a listener; not logged. Experimental.
   */
  "python.span": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** Name of the tool. */
    readonly tool: string;
    /** Correlation ID of the call, as in its errors, logs and spans. */
    readonly correlationId: string;
    /** ID of the session; absent for a call without one. */
    readonly sessionId?: string | undefined;
    /** The name that was passed to `span()`; for the execution, that of the tool. */
    readonly span: string;
    /** ID of the span, unique in the call. */
    readonly id: string;
    /** ID of the span that contains it; absent for the execution. */
    readonly parentId?: string | undefined;
    /** Whether it is the execution of the call. */
    readonly isExecution: boolean;
    /** When it began, in milliseconds since 1970, on the clock of the worker. */
    readonly startedAt: number;
    /** Duration of the span. In milliseconds. */
    readonly durationMs: number;
    /** The attributes. */
    readonly attributes: Readonly<Record<string, unknown>>;
    /** Type of the exception that has left the span; absent without one. */
    readonly errorType?: string | undefined;
    /** Message of this exception. */
    readonly errorMessage?: string | undefined;
  };
  /**
   * Spans and events of a worker were dropped, because there were more than `pythonTelemetry.maxPerSecond`.
   * Experimental.
   */
  "python.dropped": {
    /** Name of the pool. */
    readonly pool: string;
    /** ID of the worker. */
    readonly workerId: string;
    /** Number of dropped spans. */
    readonly spans: number;
    /** Number of dropped events. */
    readonly events: number;
  };
}

/** The name of an event. */
export type EventName = keyof SnakepitEvents;

/** The name of an event that is created only while it has a listener. */
export type OnDemandEventName =
  | "call.started"
  | "call.dispatched"
  | "call.ended"
  | "stream.started"
  | "stream.ended"
  | "queue.entered"
  | "queue.timeout"
  | "worker.full"
  | "session.assigned"
  | "variable.registered"
  | "variable.set"
  | "variable.deleted"
  | "program.stored"
  | "program.deleted"
  | "tool.registered"
  | "tool.unregistered"
  | "tool.called"
  | "python.memory"
  | "python.gc"
  | "python.event"
  | "python.span";

/**
 * The state of a pool.
 *
 * - `idle`: not started
 * - `starting`: workers are starting for the first time, or no worker is ready
 * - `ready`: all workers have been ready, and at least one is; crashed workers are replaced
 * - `degraded`: workers keep failing, and the pool waits between attempts; it uses its remaining workers
 * - `failed`: workers cannot start, for example because of an import error, and the pool has stopped trying
 * - `closing`: closing or closed
 */
export type PoolState = "idle" | "starting" | "ready" | "degraded" | "failed" | "closing";

/**
 * Why the number of workers was changed.
 *
 * - `requested`: by `resize()`
 * - `calls-waited`: calls waited for a worker
 * - `workers-idle`: workers had no calls
 */
export type ResizeReason = "requested" | "calls-waited" | "workers-idle";

/**
 * Why a worker was replaced.
 *
 * - `requested`: by `recycle()`
 * - `age`: it reached `recycle.ttlMs`
 * - `requests`: it reached `recycle.maxRequests`
 * - `memory`: it reached `recycle.maxRssMb`
 * - `unhealthy`: it failed a health check
 * - `unresponsive`: a cancelled call did not stop while other calls of the worker continued
 * - `reload`: the pool was reloaded
 */
export type RecycleReason = "requested" | "age" | "requests" | "memory" | "unhealthy" | "unresponsive" | "reload";

/**
 * Why a call waits.
 *
 * - `workers-busy`: all workers that may take it are busy
 * - `session-worker-busy`: the worker of its session is busy, and only that one may take it
 * - `tool-limit`: `maxConcurrent` calls of the tool are running
 * - `batch`: it is a call of `map()`, which leaves room in the queue for other callers
 */
export type QueueReason = "workers-busy" | "session-worker-busy" | "tool-limit" | "batch";

/**
 * When processes were found that should have ended.
 *
 * - `start`: at the start of a host: processes of hosts that have died
 * - `close`: at the end of a host: processes of workers that did not end by themselves
 */
export type LeftoverPhase = "start" | "close";

/**
 * The source of a line or record.
 *
 * - `stdout`: `print` and other writes to stdout
 * - `stderr`: the stderr of the process
 * - `logging`: Python's `logging`
 */
export type WorkerLogSource = "stdout" | "stderr" | "logging";

/**
 * The level of a record.
 *
 * - `debug`: a detail for debugging
 * - `info`: normal operation
 * - `warn`: a problem that may require attention
 * - `error`: a failure
 */
export type WorkerLogLevel = "debug" | "info" | "warn" | "error";
