// Generated from pool-options.ts and host-options.ts by `pnpm --filter @snakepit/core run generate:config-docs`; not to be edited.
import type { BridgeListenOptions } from "../../ports/bridge-server.ts";
import type { DashboardOptions } from "../../ports/dashboard-server.ts";
import type { Instrumentation, Logger } from "../../ports/instrumentation.ts";
import type { ProcessRegistry } from "../../ports/process-registry.ts";
import type { StateStore } from "../../ports/state-store.ts";
import type { WorkerSpec } from "../../ports/worker-spec.ts";
import type { Duration } from "../../time/duration.ts";
import type { Fallback } from "../fallback.ts";
import type { RegistryLocation, StoreLocation } from "../locations.ts";
import type { PoolSize } from "../pool-size.ts";

/** The options of a pool. */
export interface PoolConfig {
  /**
   * The target that the workers run.
   *
   * @example `worker: python("./tools.py")`
   */
  readonly worker: WorkerSpec;
  /**
   * Number of workers in the pool, or its limits: a pool with `{ min, max }` adds workers when calls wait, and removes
   * those that are idle (see `scaling`). Default: 2 × the cores.
   *
   * @example `size: 4`
   */
  readonly size?: PoolSize | undefined;
  /**
   * How a worker executes calls. `"process"`: one at a time, on its main thread. `"thread"`: several at the same time,
   * in threads; tools must be safe for threads. `"async"`: many at the same time, as tasks of one event loop, for tools
   * that are `async` and wait for other systems. `"module:Class"` is a custom profile, a class derived from
   * `snakepit_bridge.profiles.Profile`. Default: `"process"`.
   *
   * @example `profile: "thread"`
   */
  readonly profile?: "process" | "thread" | "async" | `${string}:${string}` | undefined;
  /**
   * Number of calls that a worker executes at the same time. With the profile `process`, it is 1. Default: 1 for
   * `process`, 16 for `thread`, 512 for `async`.
   *
   * @example `capacity: 32`
   */
  readonly capacity?: number | undefined;
  /**
   * Number of threads that numeric libraries such as numpy use for one operation, set by `OMP_NUM_THREADS` and similar
   * environment variables. Variables that the host or `env` sets take precedence. Default: 1, because the workers of a
   * pool use the cores together.
   *
   * @example `libraryThreads: 4`
   */
  readonly libraryThreads?: number | undefined;
  /**
   * How Python workers that execute several calls at the same time check the thread safety of the adapter: with
   * `profile: "thread"`, and with other profiles for tools that run in threads. `"warn"` logs what is not declared as
   * thread-safe: the adapter at the start, a known unsafe library, and a tool that two threads execute at the same
   * time. `"strict"` rejects the start or the second call. `"off"` checks nothing, and calls have no additional cost.
   * With `profile: "process"`, the option has no effect. Default: `"warn"`.
   *
   * @example `threadSafety: "strict"`
   */
  readonly threadSafety?: "off" | "warn" | "strict" | undefined;
  /**
   * When a pool with `size: { min, max }` changes its number of workers. Default: see below.
   *
   * @example `scaling: { growAfterMs: "50ms", shrinkAfterMs: "10m" }`
   */
  readonly scaling?: ScalingConfig | undefined;
  /**
   * Maximum number of workers that start at the same time. Default: 64.
   *
   * @example `batchSize: 16`
   */
  readonly batchSize?: number | undefined;
  /**
   * Delay between two batches of starts. Default: 0.
   *
   * @example `batchDelayMs: "100ms"`
   */
  readonly batchDelayMs?: Duration | undefined;
  /**
   * Maximum number of calls that wait for a worker. Further calls fail immediately with `POOL_SATURATED`. Default:
   * 1000.
   *
   * @example `queueLimit: 5000`
   */
  readonly queueLimit?: number | undefined;
  /**
   * Maximum time that a call waits for a worker. It then fails with `QUEUE_TIMEOUT`. Default: 5s.
   *
   * @example `queueTimeoutMs: "10s"`
   */
  readonly queueTimeoutMs?: Duration | undefined;
  /**
   * How calls of a session choose a worker, unless the call specifies it. `"hint"` prefers the worker of the previous
   * call if it is free. `"strict-queue"` waits for that worker. `"strict-fail"` fails with `SESSION_WORKER_UNAVAILABLE`
   * while it is busy. When that worker ends or drains, the next call goes to any other one. Default: `"hint"`.
   *
   * @example `affinity: "strict-queue"`
   */
  readonly affinity?: "hint" | "strict-queue" | "strict-fail" | undefined;
  /**
   * Number of short calls that are sent to a busy worker ahead of their start, so that it does not wait for the next
   * one. `"auto"` adapts it to the measured execution time of the tools: many calls of short tools, none of tools that
   * take a millisecond or more. A call that waits behind a slow one is recalled as soon as another worker is free, and
   * a call that its caller gave up is never started. `0` sends each call when a worker is free. Calls of sessions,
   * nested calls, streams and tools with `maxConcurrent` are not sent ahead. It has no effect with profiles other than
   * `process`, whose workers execute several calls at the same time. Default: `"auto"`.
   *
   * @example `prefetch: 0`
   */
  readonly prefetch?: "auto" | number | undefined;
  /**
   * Default deadline of `execute`, queueing included. A call that exceeds it fails with `DEADLINE_EXCEEDED`. Default:
   * 30s.
   *
   * @example `executeTimeoutMs: "2m"`
   */
  readonly executeTimeoutMs?: Duration | undefined;
  /**
   * Default deadline of `stream`, from the call to the last chunk. Default: 5m.
   *
   * @example `streamTimeoutMs: "1h"`
   */
  readonly streamTimeoutMs?: Duration | undefined;
  /**
   * Maximum time from the launch of a worker until it is ready. A start that exceeds it fails with
   * `WORKER_START_FAILED`. Default: 30s.
   *
   * @example `startTimeoutMs: "2m"`
   */
  readonly startTimeoutMs?: Duration | undefined;
  /**
   * Maximum time that `close()` waits for active calls before it ends the workers. Default: 2s.
   *
   * @example `shutdownGraceMs: "10s"`
   */
  readonly shutdownGraceMs?: Duration | undefined;
  /**
   * Maximum time for a worker to stop a cancelled call. Then the worker is killed and replaced. The caller does not
   * wait for this. Default: 2s.
   *
   * @example `cancelGraceMs: "500ms"`
   */
  readonly cancelGraceMs?: Duration | undefined;
  /**
   * Interval at which a worker sends heartbeats. Default: 2s.
   *
   * @example `heartbeatIntervalMs: "1s"`
   */
  readonly heartbeatIntervalMs?: Duration | undefined;
  /**
   * Maximum time without a heartbeat. Then the worker counts as hung and is replaced. Default: 10s.
   *
   * @example `heartbeatTimeoutMs: "30s"`
   */
  readonly heartbeatTimeoutMs?: Duration | undefined;
  /**
   * How many crashed workers are replaced without delay. Workers that have completed a call do not count. Beyond the
   * limit, the pool is `degraded` until it recovers: it waits `backoff.maxMs` between attempts, or until a call waits
   * for a worker. Default: see below.
   *
   * @example `restart: { maxRestarts: 20, withinMs: "10s" }`
   */
  readonly restart?: RestartConfig | undefined;
  /**
   * Delay before retrying a worker that could not start or ended before its first call. The delay doubles with each
   * failure. If the pool has no worker, a waiting call ends the delay. Default: see below.
   *
   * @example `backoff: { initialMs: "100ms", maxMs: "10s" }`
   */
  readonly backoff?: BackoffConfig | undefined;
  /**
   * When workers are replaced, for example because of a memory leak. The replacement is ready before the old worker
   * stops, and no call fails. At most a quarter of the workers are replaced at the same time. Default: see below.
   *
   * @example `recycle: { maxRequests: 10_000, maxRssMb: 2_000 }`
   */
  readonly recycle?: RecycleConfig | undefined;
  /**
   * Checks idle workers, one after another. A worker that does not answer in time is killed, and one whose check fails
   * is replaced. Default: see below.
   *
   * @example `healthCheck: { intervalMs: "30s" }`
   */
  readonly healthCheck?: HealthCheckConfig | undefined;
  /**
   * Whether the pool is reloaded when a Python file of the target, or one that it imports, changes; for development.
   * Installed packages are not watched. Default: `false`.
   *
   * @example `watch: true`
   */
  readonly watch?: boolean | undefined;
  /**
   * Limits of the resources of each worker process. By default, those of the host apply. Default: see below.
   *
   * @example `limits: { addressSpaceMb: 4096, openFiles: 256 }`
   */
  readonly limits?: LimitsConfig | undefined;
  /**
   * When the event `pool.churning` reports that many workers are replaced, for any reason: crashes, unresponsive
   * workers and recycling. Default: see below.
   *
   * @example `churn: { maxReplaced: 50, withinMs: "1h" }`
   */
  readonly churn?: ChurnConfig | undefined;
  /**
   * Settings of single tools, by name. They take precedence over the arguments of `@tool`. Default: none.
   *
   * @example `tools: { render: { timeoutMs: "2m", idempotent: true } }`
   */
  readonly tools?: Readonly<Record<string, ToolConfig>> | undefined;
  /**
   * How calls that may be executed twice (`idempotent`) are retried: at once if the first attempt fails with
   * `WORKER_CRASHED`, otherwise after a delay, which doubles each time. An attempt is made only before the deadline of
   * the call. Default: see below.
   *
   * @example `retry: { attempts: 5 }`
   */
  readonly retry?: RetryConfig | undefined;
  /**
   * Circuit breaker: rejects calls with `CIRCUIT_OPEN` for a while when too many fail because of the pool: crashed or
   * hung workers, out of memory, workers that do not start, `QUEUE_TIMEOUT` and `DEADLINE_EXCEEDED`. An empty object
   * sets the defaults. Default: off.
   *
   * @example `circuit: { failureRate: 0.5, openMs: "10s" }`
   */
  readonly circuit?: CircuitConfig | undefined;
  /**
   * What calls of `execute` and `map` resolve with when their pool fails: a value, the result of a function, or that of
   * another pool with the same tool. Another pool is used only if the call was not executed or may be executed twice.
   * Errors of the call itself, such as `PYTHON_EXCEPTION`, have no fallback. Default: none.
   *
   * @example `fallback: { pool: "small" }`
   */
  readonly fallback?: Fallback | undefined;
  /**
   * When a call that ends its workers (a crash in native code, a signal, out of memory, an exit) is rejected with
   * `POISON_CALL` instead of ending another one. Calls are the same if their tool and arguments are; an answer to the
   * same call clears its crashes. Default: see below.
   *
   * @example `poison: { crashes: 2, withinMs: "1h" }`
   */
  readonly poison?: PoisonConfig | undefined;
  /**
   * Environment variables for the workers, added to those of the host; `undefined` removes one. For Python workers,
   * `OMP_NUM_THREADS`, `OPENBLAS_NUM_THREADS`, `MKL_NUM_THREADS` and `NUMEXPR_NUM_THREADS` default to `libraryThreads`.
   * Default: none.
   *
   * @example `env: { MODEL_DIR: "/models" }`
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** The effective options of a pool, with every default filled in. Durations are milliseconds. */
export interface ResolvedPoolConfig {
  /** The target that the workers run. */
  readonly worker: WorkerSpec;
  /**
   * Number of workers in the pool, or its limits: a pool with `{ min, max }` adds workers when calls wait, and removes
   * those that are idle (see `scaling`).
   */
  readonly size: PoolSize;
  /**
   * How a worker executes calls. `"process"`: one at a time, on its main thread. `"thread"`: several at the same time,
   * in threads; tools must be safe for threads. `"async"`: many at the same time, as tasks of one event loop, for tools
   * that are `async` and wait for other systems. `"module:Class"` is a custom profile, a class derived from
   * `snakepit_bridge.profiles.Profile`.
   */
  readonly profile: "process" | "thread" | "async" | `${string}:${string}`;
  /** Number of calls that a worker executes at the same time. With the profile `process`, it is 1. */
  readonly capacity: number | undefined;
  /**
   * Number of threads that numeric libraries such as numpy use for one operation, set by `OMP_NUM_THREADS` and similar
   * environment variables. Variables that the host or `env` sets take precedence.
   */
  readonly libraryThreads: number | undefined;
  /**
   * How Python workers that execute several calls at the same time check the thread safety of the adapter: with
   * `profile: "thread"`, and with other profiles for tools that run in threads. `"warn"` logs what is not declared as
   * thread-safe: the adapter at the start, a known unsafe library, and a tool that two threads execute at the same
   * time. `"strict"` rejects the start or the second call. `"off"` checks nothing, and calls have no additional cost.
   * With `profile: "process"`, the option has no effect.
   */
  readonly threadSafety: "off" | "warn" | "strict";
  /** When a pool with `size: { min, max }` changes its number of workers. */
  readonly scaling: ResolvedScaling;
  /** Maximum number of workers that start at the same time. */
  readonly batchSize: number;
  /** Delay between two batches of starts. */
  readonly batchDelayMs: number;
  /** Maximum number of calls that wait for a worker. Further calls fail immediately with `POOL_SATURATED`. */
  readonly queueLimit: number;
  /** Maximum time that a call waits for a worker. It then fails with `QUEUE_TIMEOUT`. */
  readonly queueTimeoutMs: number;
  /**
   * How calls of a session choose a worker, unless the call specifies it. `"hint"` prefers the worker of the previous
   * call if it is free. `"strict-queue"` waits for that worker. `"strict-fail"` fails with `SESSION_WORKER_UNAVAILABLE`
   * while it is busy. When that worker ends or drains, the next call goes to any other one.
   */
  readonly affinity: "hint" | "strict-queue" | "strict-fail";
  /**
   * Number of short calls that are sent to a busy worker ahead of their start, so that it does not wait for the next
   * one. `"auto"` adapts it to the measured execution time of the tools: many calls of short tools, none of tools that
   * take a millisecond or more. A call that waits behind a slow one is recalled as soon as another worker is free, and
   * a call that its caller gave up is never started. `0` sends each call when a worker is free. Calls of sessions,
   * nested calls, streams and tools with `maxConcurrent` are not sent ahead. It has no effect with profiles other than
   * `process`, whose workers execute several calls at the same time.
   */
  readonly prefetch: "auto" | number;
  /** Default deadline of `execute`, queueing included. A call that exceeds it fails with `DEADLINE_EXCEEDED`. */
  readonly executeTimeoutMs: number;
  /** Default deadline of `stream`, from the call to the last chunk. */
  readonly streamTimeoutMs: number;
  /**
   * Maximum time from the launch of a worker until it is ready. A start that exceeds it fails with
   * `WORKER_START_FAILED`.
   */
  readonly startTimeoutMs: number;
  /** Maximum time that `close()` waits for active calls before it ends the workers. */
  readonly shutdownGraceMs: number;
  /**
   * Maximum time for a worker to stop a cancelled call. Then the worker is killed and replaced. The caller does not
   * wait for this.
   */
  readonly cancelGraceMs: number;
  /** Interval at which a worker sends heartbeats. */
  readonly heartbeatIntervalMs: number;
  /** Maximum time without a heartbeat. Then the worker counts as hung and is replaced. */
  readonly heartbeatTimeoutMs: number;
  /**
   * How many crashed workers are replaced without delay. Workers that have completed a call do not count. Beyond the
   * limit, the pool is `degraded` until it recovers: it waits `backoff.maxMs` between attempts, or until a call waits
   * for a worker.
   */
  readonly restart: ResolvedRestart;
  /**
   * Delay before retrying a worker that could not start or ended before its first call. The delay doubles with each
   * failure. If the pool has no worker, a waiting call ends the delay.
   */
  readonly backoff: ResolvedBackoff;
  /**
   * When workers are replaced, for example because of a memory leak. The replacement is ready before the old worker
   * stops, and no call fails. At most a quarter of the workers are replaced at the same time.
   */
  readonly recycle: ResolvedRecycle;
  /**
   * Checks idle workers, one after another. A worker that does not answer in time is killed, and one whose check fails
   * is replaced.
   */
  readonly healthCheck: ResolvedHealthCheck;
  /**
   * Whether the pool is reloaded when a Python file of the target, or one that it imports, changes; for development.
   * Installed packages are not watched.
   */
  readonly watch: boolean;
  /** Limits of the resources of each worker process. By default, those of the host apply. */
  readonly limits: ResolvedLimits;
  /**
   * When the event `pool.churning` reports that many workers are replaced, for any reason: crashes, unresponsive
   * workers and recycling.
   */
  readonly churn: ResolvedChurn;
  /** Settings of single tools, by name. They take precedence over the arguments of `@tool`. */
  readonly tools: Readonly<Record<string, ResolvedToolSettings>>;
  /**
   * How calls that may be executed twice (`idempotent`) are retried: at once if the first attempt fails with
   * `WORKER_CRASHED`, otherwise after a delay, which doubles each time. An attempt is made only before the deadline of
   * the call.
   */
  readonly retry: ResolvedRetry;
  /**
   * Circuit breaker: rejects calls with `CIRCUIT_OPEN` for a while when too many fail because of the pool: crashed or
   * hung workers, out of memory, workers that do not start, `QUEUE_TIMEOUT` and `DEADLINE_EXCEEDED`. An empty object
   * sets the defaults.
   */
  readonly circuit: ResolvedCircuit | undefined;
  /**
   * What calls of `execute` and `map` resolve with when their pool fails: a value, the result of a function, or that of
   * another pool with the same tool. Another pool is used only if the call was not executed or may be executed twice.
   * Errors of the call itself, such as `PYTHON_EXCEPTION`, have no fallback.
   */
  readonly fallback: Fallback | undefined;
  /**
   * When a call that ends its workers (a crash in native code, a signal, out of memory, an exit) is rejected with
   * `POISON_CALL` instead of ending another one. Calls are the same if their tool and arguments are; an answer to the
   * same call clears its crashes.
   */
  readonly poison: ResolvedPoison;
  /**
   * Environment variables for the workers, added to those of the host; `undefined` removes one. For Python workers,
   * `OMP_NUM_THREADS`, `OPENBLAS_NUM_THREADS`, `MKL_NUM_THREADS` and `NUMEXPR_NUM_THREADS` default to `libraryThreads`.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The options of a host, which apply to all its pools. */
export interface HostConfig {
  /**
   * The registry that records running processes, so that none outlives its host. It is a SQLite file, a PostgreSQL
   * database that several hosts may share, or a custom registry. Default: a file in the user's state directory.
   *
   * @example `registry: { path: "./snakepit.db" }`
   */
  readonly registry?: RegistryLocation | ProcessRegistry | undefined;
  /**
   * Sessions and their variables, programs and host tools. Default: see below.
   *
   * @example `sessions: { store: { path: "./sessions.db" }, ttlMs: "1d" }`
   */
  readonly sessions?: SessionsConfig | undefined;
  /**
   * Maximum size of a value in bytes, in either direction. A larger value fails with `PAYLOAD_TOO_LARGE`. Default: 256
   * MiB.
   *
   * @example `maxPayloadBytes: 64 * 1024 * 1024`
   */
  readonly maxPayloadBytes?: number | undefined;
  /**
   * The directory in which the host creates the private directory of its socket. The path must be short, because a
   * socket path has at most about 100 bytes. Default: the temporary directory (`TMPDIR`), otherwise `/tmp`, otherwise
   * `$XDG_RUNTIME_DIR`.
   *
   * @example `socketDirectory: "/run/my-app"`
   */
  readonly socketDirectory?: string | undefined;
  /**
   * Whether `snakepit inspect`, `top`, `stacks` and similar commands of the same user can observe and operate the host
   * while it runs. They connect to a private socket next to that of the workers. Default: `true`.
   *
   * @example `controlSocket: false`
   */
  readonly controlSocket?: boolean | undefined;
  /**
   * Receives output, logs and problems of workers as structured records. Any logger with pino's methods works; `false`
   * disables logging. Default: the built-in logger, which writes to stderr.
   *
   * @example `logger: pino()`
   */
  readonly logger?: Logger | false | undefined;
  /**
   * What is logged, and the format of the built-in logger. Default: see below.
   *
   * @example `logs: { format: "json", level: "warn" }`
   */
  readonly logs?: LogsConfig | undefined;
  /**
   * What is removed from log records, in addition to passwords, tokens, keys and credentials in URLs. Default: see
   * below.
   *
   * @example `redact: { keys: ["patient"], patterns: [/\d{3}-\d{2}-\d{4}/] }`
   */
  readonly redact?: RedactionConfig | undefined;
  /**
   * The thresholds of `pit.health()`. Default: see below.
   *
   * @example `health: { minWorkers: 2, drainDelayMs: "5s" }`
   */
  readonly health?: HealthConfig | undefined;
  /**
   * The spans and events of Python at the start of the host; `pit.telemetry.python()` changes them. Default: see below.
   *
   * @example `pythonTelemetry: { sampling: 0.1, gc: true }`
   */
  readonly pythonTelemetry?: PythonTelemetryConfig | undefined;
  /**
   * Receives every event, those on demand only if its property `listens` names them, and tracks every call. It replaces
   * the built-in OpenTelemetry spans and metrics, which cost nothing until an OpenTelemetry SDK is set up. Default:
   * OpenTelemetry.
   *
   * @example `instrumentation: noInstrumentation`
   */
  readonly instrumentation?: Instrumentation | undefined;
  /**
   * What the command `snakepit serve` offers. `Snakepit.start()` checks it and opens no server: call `pit.serve()`.
   * Default: off.
   *
   * @example `serve: { gateway: { socketPath: "/run/app/tools.sock" } }`
   */
  readonly serve?: ServeConfig | undefined;
}

/** The effective options of a host, with every default filled in. */
export interface ResolvedHostConfig {
  /**
   * The registry that records running processes, so that none outlives its host. It is a SQLite file, a PostgreSQL
   * database that several hosts may share, or a custom registry.
   */
  readonly registry: RegistryLocation | ProcessRegistry | undefined;
  /** Sessions and their variables, programs and host tools. */
  readonly sessions: ResolvedSessions;
  /** Maximum size of a value in bytes, in either direction. A larger value fails with `PAYLOAD_TOO_LARGE`. */
  readonly maxPayloadBytes: number;
  /**
   * The directory in which the host creates the private directory of its socket. The path must be short, because a
   * socket path has at most about 100 bytes.
   */
  readonly socketDirectory: string | undefined;
  /**
   * Whether `snakepit inspect`, `top`, `stacks` and similar commands of the same user can observe and operate the host
   * while it runs. They connect to a private socket next to that of the workers.
   */
  readonly controlSocket: boolean;
  /**
   * Receives output, logs and problems of workers as structured records. Any logger with pino's methods works; `false`
   * disables logging.
   */
  readonly logger: Logger | false | undefined;
  /** What is logged, and the format of the built-in logger. */
  readonly logs: ResolvedLogs;
  /** What is removed from log records, in addition to passwords, tokens, keys and credentials in URLs. */
  readonly redact: ResolvedRedaction;
  /** The thresholds of `pit.health()`. */
  readonly health: ResolvedHealth;
  /** The spans and events of Python at the start of the host; `pit.telemetry.python()` changes them. */
  readonly pythonTelemetry: ResolvedPythonTelemetry;
  /**
   * Receives every event, those on demand only if its property `listens` names them, and tracks every call. It replaces
   * the built-in OpenTelemetry spans and metrics, which cost nothing until an OpenTelemetry SDK is set up.
   */
  readonly instrumentation: Instrumentation | undefined;
  /** What the command `snakepit serve` offers. `Snakepit.start()` checks it and opens no server: call `pit.serve()`. */
  readonly serve: ResolvedServe | undefined;
}

/** See `scaling`. */
export interface ScalingConfig {
  /**
   * Time that a call waits for a worker before the pool adds workers: as many as it has, but not more than calls wait.
   * Default: 100ms.
   *
   * @example `growAfterMs: "50ms"`
   */
  readonly growAfterMs?: Duration | undefined;
  /**
   * Time without a call after which a worker is removed. Default: 1m.
   *
   * @example `shrinkAfterMs: "10m"`
   */
  readonly shrinkAfterMs?: Duration | undefined;
}
/** See `scaling`; every default is filled in. */
export interface ResolvedScaling {
  /**
   * Time that a call waits for a worker before the pool adds workers: as many as it has, but not more than calls wait.
   */
  readonly growAfterMs: number;
  /** Time without a call after which a worker is removed. */
  readonly shrinkAfterMs: number;
}

/** See `restart`. */
export interface RestartConfig {
  /**
   * Maximum number of restarts of the pool's workers in that period. Default: 100.
   *
   * @example `maxRestarts: 20`
   */
  readonly maxRestarts?: number | undefined;
  /**
   * Period in which restarts are counted. Default: 1m.
   *
   * @example `withinMs: "10s"`
   */
  readonly withinMs?: Duration | undefined;
}
/** See `restart`; every default is filled in. */
export interface ResolvedRestart {
  /** Maximum number of restarts of the pool's workers in that period. */
  readonly maxRestarts: number;
  /** Period in which restarts are counted. */
  readonly withinMs: number;
}

/** See `backoff`. */
export interface BackoffConfig {
  /**
   * First delay. Default: 100ms.
   *
   * @example `initialMs: "100ms"`
   */
  readonly initialMs?: Duration | undefined;
  /**
   * Maximum delay. Default: 30s.
   *
   * @example `maxMs: "10s"`
   */
  readonly maxMs?: Duration | undefined;
}
/** See `backoff`; every default is filled in. */
export interface ResolvedBackoff {
  /** First delay. */
  readonly initialMs: number;
  /** Maximum delay. */
  readonly maxMs: number;
}

/** See `recycle`. */
export interface RecycleConfig {
  /**
   * Maximum age of a worker. Default: never.
   *
   * @example `ttlMs: "6h"`
   */
  readonly ttlMs?: Duration | undefined;
  /**
   * Number of calls after which a worker is replaced. It continues until its replacement is ready. Default: no limit.
   *
   * @example `maxRequests: 10_000`
   */
  readonly maxRequests?: number | undefined;
  /**
   * Maximum resident memory of a worker process in MiB, checked at each heartbeat. Memory that it shares with other
   * workers counts. Default: no limit.
   *
   * @example `maxRssMb: 2_000`
   */
  readonly maxRssMb?: number | undefined;
  /**
   * Maximum random reduction of these limits for each worker, as a fraction of them, so that workers of the same age
   * are not replaced together. Default: 0.1.
   *
   * @example `jitter: 0.2`
   */
  readonly jitter?: number | undefined;
  /**
   * Maximum time that the calls of a replaced worker continue after its replacement is ready. A call that takes longer
   * fails with `WORKER_CRASHED`. Default: 5m.
   *
   * @example `graceMs: "30s"`
   */
  readonly graceMs?: Duration | undefined;
}
/** See `recycle`; every default is filled in. */
export interface ResolvedRecycle {
  /** Maximum age of a worker. */
  readonly ttlMs: number;
  /** Number of calls after which a worker is replaced. It continues until its replacement is ready. */
  readonly maxRequests: number;
  /**
   * Maximum resident memory of a worker process in MiB, checked at each heartbeat. Memory that it shares with other
   * workers counts.
   */
  readonly maxRssMb: number;
  /**
   * Maximum random reduction of these limits for each worker, as a fraction of them, so that workers of the same age
   * are not replaced together.
   */
  readonly jitter: number;
  /**
   * Maximum time that the calls of a replaced worker continue after its replacement is ready. A call that takes longer
   * fails with `WORKER_CRASHED`.
   */
  readonly graceMs: number;
}

/** See `healthCheck`. */
export interface HealthCheckConfig {
  /**
   * Time without a call or check after which a worker is checked. Required in an object `healthCheck`. Default: never.
   *
   * @example `intervalMs: "30s"`
   */
  readonly intervalMs?: Duration | undefined;
  /**
   * A tool without required parameters. The worker is healthy if it returns. By default, the worker only has to answer.
   * Default: none.
   *
   * @example `tool: "check_model"`
   */
  readonly tool?: string | undefined;
  /**
   * Maximum duration of a check. Default: 5s.
   *
   * @example `timeoutMs: "10s"`
   */
  readonly timeoutMs?: Duration | undefined;
}
/** See `healthCheck`; every default is filled in. */
export interface ResolvedHealthCheck {
  /** Time without a call or check after which a worker is checked. Required in an object `healthCheck`. */
  readonly intervalMs: number;
  /**
   * A tool without required parameters. The worker is healthy if it returns. By default, the worker only has to answer.
   */
  readonly tool: string | undefined;
  /** Maximum duration of a check. */
  readonly timeoutMs: number;
}

/** See `limits`. */
export interface LimitsConfig {
  /**
   * Maximum address space of a worker, in MiB (`RLIMIT_AS`). An allocation beyond it raises `MemoryError` in Python:
   * `OUT_OF_MEMORY`. Includes mapped files and libraries, so it is larger than the resident memory. Not enforced on
   * macOS. Default: that of the host.
   *
   * @example `addressSpaceMb: 4096`
   */
  readonly addressSpaceMb?: number | undefined;
  /**
   * Maximum processor time of a worker process over its lifetime, in seconds (`RLIMIT_CPU`). A worker that exceeds it
   * is terminated by `SIGXCPU` and replaced. Default: that of the host.
   *
   * @example `cpuSeconds: 3600`
   */
  readonly cpuSeconds?: number | undefined;
  /**
   * Maximum number of open file descriptors of a worker (`RLIMIT_NOFILE`). Default: that of the host.
   *
   * @example `openFiles: 256`
   */
  readonly openFiles?: number | undefined;
  /**
   * Scheduling priority of a worker, from 0 to 19 for the lowest (`nice`). Default: that of the host.
   *
   * @example `niceness: 10`
   */
  readonly niceness?: number | undefined;
  /**
   * Maximum memory of a worker and its child processes, in MiB, enforced by a control group (cgroup v2, `memory.max`).
   * The kernel kills a worker that exceeds it: `OUT_OF_MEMORY`. If the host cannot create control groups, a warning is
   * logged, and the limit does not apply. Default: none.
   *
   * @example `memoryMb: 2048`
   */
  readonly memoryMb?: number | undefined;
  /**
   * Maximum number of processors that a worker and its child processes use on average, enforced by a control group
   * (cgroup v2, `cpu.max`), with the same condition. Default: none.
   *
   * @example `cpus: 1.5`
   */
  readonly cpus?: number | undefined;
}
/** See `limits`; every default is filled in. */
export interface ResolvedLimits {
  /**
   * Maximum address space of a worker, in MiB (`RLIMIT_AS`). An allocation beyond it raises `MemoryError` in Python:
   * `OUT_OF_MEMORY`. Includes mapped files and libraries, so it is larger than the resident memory. Not enforced on
   * macOS.
   */
  readonly addressSpaceMb: number | undefined;
  /**
   * Maximum processor time of a worker process over its lifetime, in seconds (`RLIMIT_CPU`). A worker that exceeds it
   * is terminated by `SIGXCPU` and replaced.
   */
  readonly cpuSeconds: number | undefined;
  /** Maximum number of open file descriptors of a worker (`RLIMIT_NOFILE`). */
  readonly openFiles: number | undefined;
  /** Scheduling priority of a worker, from 0 to 19 for the lowest (`nice`). */
  readonly niceness: number | undefined;
  /**
   * Maximum memory of a worker and its child processes, in MiB, enforced by a control group (cgroup v2, `memory.max`).
   * The kernel kills a worker that exceeds it: `OUT_OF_MEMORY`. If the host cannot create control groups, a warning is
   * logged, and the limit does not apply.
   */
  readonly memoryMb: number | undefined;
  /**
   * Maximum number of processors that a worker and its child processes use on average, enforced by a control group
   * (cgroup v2, `cpu.max`), with the same condition.
   */
  readonly cpus: number | undefined;
}

/** See `churn`. */
export interface ChurnConfig {
  /**
   * Maximum number of workers that are replaced in that period without a report. Default: 2 × the size, at least 10.
   *
   * @example `maxReplaced: 50`
   */
  readonly maxReplaced?: number | undefined;
  /**
   * Period in which replaced workers are counted. Default: 5m.
   *
   * @example `withinMs: "1h"`
   */
  readonly withinMs?: Duration | undefined;
}
/** See `churn`; every default is filled in. */
export interface ResolvedChurn {
  /** Maximum number of workers that are replaced in that period without a report. */
  readonly maxReplaced: number | undefined;
  /** Period in which replaced workers are counted. */
  readonly withinMs: number;
}

/** See `tools.<name>`. */
export interface ToolConfig {
  /**
   * Default deadline of calls of the tool, queueing included; of `stream` for a streaming tool. The option of a call
   * takes precedence. Default: `timeout_s` of `@tool`, otherwise that of the pool.
   *
   * @example `timeoutMs: "2m"`
   */
  readonly timeoutMs?: Duration | undefined;
  /**
   * Whether a call may be executed twice. It is then retried (`retry`) when its worker dies. The option of a call takes
   * precedence. Default: `idempotent` of `@tool`, otherwise `false`.
   *
   * @example `idempotent: true`
   */
  readonly idempotent?: boolean | undefined;
  /**
   * Maximum number of calls of the tool that run at the same time in the pool. Further calls wait in the queue and
   * delay no calls of other tools. Default: `max_concurrent` of `@tool`, otherwise no limit.
   *
   * @example `maxConcurrent: 2`
   */
  readonly maxConcurrent?: number | undefined;
}
/** See `tools.<name>`; every default is filled in. */
export interface ResolvedToolSettings {
  /**
   * Default deadline of calls of the tool, queueing included; of `stream` for a streaming tool. The option of a call
   * takes precedence.
   */
  readonly timeoutMs: number | undefined;
  /**
   * Whether a call may be executed twice. It is then retried (`retry`) when its worker dies. The option of a call takes
   * precedence.
   */
  readonly idempotent: boolean | undefined;
  /**
   * Maximum number of calls of the tool that run at the same time in the pool. Further calls wait in the queue and
   * delay no calls of other tools.
   */
  readonly maxConcurrent: number | undefined;
}

/** See `retry`. */
export interface RetryConfig {
  /**
   * Maximum number of executions of a call, the first one included. `1` retries nothing. Default: 3.
   *
   * @example `attempts: 5`
   */
  readonly attempts?: number | undefined;
  /**
   * First delay. A call that fails with `WORKER_CRASHED` at its first attempt is repeated once without a delay.
   * Default: 100ms.
   *
   * @example `initialMs: "50ms"`
   */
  readonly initialMs?: Duration | undefined;
  /**
   * Maximum delay. Default: 5s.
   *
   * @example `maxMs: "10s"`
   */
  readonly maxMs?: Duration | undefined;
  /**
   * Part of each delay that is random, so that calls that failed together are not repeated together: `0.5` chooses
   * between half of the delay and all of it. Default: 0.5.
   *
   * @example `jitter: 1`
   */
  readonly jitter?: number | undefined;
}
/** See `retry`; every default is filled in. */
export interface ResolvedRetry {
  /** Maximum number of executions of a call, the first one included. `1` retries nothing. */
  readonly attempts: number;
  /** First delay. A call that fails with `WORKER_CRASHED` at its first attempt is repeated once without a delay. */
  readonly initialMs: number;
  /** Maximum delay. */
  readonly maxMs: number;
  /**
   * Part of each delay that is random, so that calls that failed together are not repeated together: `0.5` chooses
   * between half of the delay and all of it.
   */
  readonly jitter: number;
}

/** See `circuit`. */
export interface CircuitConfig {
  /**
   * Part of the calls in the window that must fail to open the circuit. Default: 0.5.
   *
   * @example `failureRate: 0.2`
   */
  readonly failureRate?: number | undefined;
  /**
   * Minimum number of calls in the window. With fewer, the circuit stays closed. Default: 10.
   *
   * @example `minCalls: 20`
   */
  readonly minCalls?: number | undefined;
  /**
   * Length of the window in which calls are counted. Default: 30s.
   *
   * @example `windowMs: "1m"`
   */
  readonly windowMs?: Duration | undefined;
  /**
   * Time that the circuit stays open. Then it is half-open: the next calls are probes. Default: 10s.
   *
   * @example `openMs: "30s"`
   */
  readonly openMs?: Duration | undefined;
  /**
   * Number of calls that must succeed in the half-open circuit to close it. One failure opens it again. Further calls
   * are rejected until then. Default: 1.
   *
   * @example `probes: 3`
   */
  readonly probes?: number | undefined;
  /**
   * Whether an exception of a tool (`PYTHON_EXCEPTION`) is a failure. Otherwise it shows that the pool works. Default:
   * `false`.
   *
   * @example `exceptions: true`
   */
  readonly exceptions?: boolean | undefined;
  /**
   * What has a circuit: `"pool"` for one of the whole pool, `"tool"` for one of each tool. Default: `"pool"`.
   *
   * @example `scope: "tool"`
   */
  readonly scope?: "pool" | "tool" | undefined;
}
/** See `circuit`; every default is filled in. */
export interface ResolvedCircuit {
  /** Part of the calls in the window that must fail to open the circuit. */
  readonly failureRate: number;
  /** Minimum number of calls in the window. With fewer, the circuit stays closed. */
  readonly minCalls: number;
  /** Length of the window in which calls are counted. */
  readonly windowMs: number;
  /** Time that the circuit stays open. Then it is half-open: the next calls are probes. */
  readonly openMs: number;
  /**
   * Number of calls that must succeed in the half-open circuit to close it. One failure opens it again. Further calls
   * are rejected until then.
   */
  readonly probes: number;
  /** Whether an exception of a tool (`PYTHON_EXCEPTION`) is a failure. Otherwise it shows that the pool works. */
  readonly exceptions: boolean;
  /** What has a circuit: `"pool"` for one of the whole pool, `"tool"` for one of each tool. */
  readonly scope: "pool" | "tool";
}

/** See `poison`. */
export interface PoisonConfig {
  /**
   * Number of workers that a call ends in a row until it is rejected. `0` rejects none. Default: 3.
   *
   * @example `crashes: 5`
   */
  readonly crashes?: number | undefined;
  /**
   * Time after which a crash is forgotten, if no other one of the same call follows. Default: 5m.
   *
   * @example `withinMs: "1h"`
   */
  readonly withinMs?: Duration | undefined;
}
/** See `poison`; every default is filled in. */
export interface ResolvedPoison {
  /** Number of workers that a call ends in a row until it is rejected. `0` rejects none. */
  readonly crashes: number;
  /** Time after which a crash is forgotten, if no other one of the same call follows. */
  readonly withinMs: number;
}

/** See `sessions`. */
export interface SessionsConfig {
  /**
   * Where sessions are stored with their variables and programs. `"memory"`: they end with the host. `"registry"`: in
   * the database of the registry, or in a separate file for the default registry. Otherwise in a SQLite file, a
   * PostgreSQL database that hosts share, or a custom store. Default: `"memory"`.
   *
   * @example `store: { url: "postgres://app@db/app" }`
   */
  readonly store?: StoreLocation | StateStore | undefined;
  /**
   * Default time to live of a session that is not used. Default: 1h.
   *
   * @example `ttlMs: "1d"`
   */
  readonly ttlMs?: Duration | undefined;
  /**
   * Maximum number of active sessions in the store. Further sessions fail with `QUOTA_EXCEEDED`. Default: 10000.
   *
   * @example `maxSessions: 100_000`
   */
  readonly maxSessions?: number | undefined;
  /**
   * Maximum number of variables per session. Default: 1000.
   *
   * @example `maxVariablesPerSession: 100`
   */
  readonly maxVariablesPerSession?: number | undefined;
  /**
   * Maximum number of programs per session. Default: 100.
   *
   * @example `maxProgramsPerSession: 10`
   */
  readonly maxProgramsPerSession?: number | undefined;
  /**
   * Maximum number of global programs. Default: 1000.
   *
   * @example `maxGlobalPrograms: 50`
   */
  readonly maxGlobalPrograms?: number | undefined;
  /**
   * Maximum number of host tools per session. Default: 256.
   *
   * @example `maxToolsPerSession: 16`
   */
  readonly maxToolsPerSession?: number | undefined;
  /**
   * Maximum time for which cached values of a shared store are used after another host has changed them. It applies if
   * a notification was lost; otherwise, it is a few milliseconds. Default: 2s.
   *
   * @example `maxStaleMs: "500ms"`
   */
  readonly maxStaleMs?: Duration | undefined;
  /**
   * Interval between sweeps, which delete expired sessions. Until then, they only occupy space. Default: 30s.
   *
   * @example `sweepIntervalMs: "5m"`
   */
  readonly sweepIntervalMs?: Duration | undefined;
}
/** See `sessions`; every default is filled in. */
export interface ResolvedSessions {
  /**
   * Where sessions are stored with their variables and programs. `"memory"`: they end with the host. `"registry"`: in
   * the database of the registry, or in a separate file for the default registry. Otherwise in a SQLite file, a
   * PostgreSQL database that hosts share, or a custom store.
   */
  readonly store: StoreLocation | StateStore;
  /** Default time to live of a session that is not used. */
  readonly ttlMs: number;
  /** Maximum number of active sessions in the store. Further sessions fail with `QUOTA_EXCEEDED`. */
  readonly maxSessions: number;
  /** Maximum number of variables per session. */
  readonly maxVariablesPerSession: number;
  /** Maximum number of programs per session. */
  readonly maxProgramsPerSession: number;
  /** Maximum number of global programs. */
  readonly maxGlobalPrograms: number;
  /** Maximum number of host tools per session. */
  readonly maxToolsPerSession: number;
  /**
   * Maximum time for which cached values of a shared store are used after another host has changed them. It applies if
   * a notification was lost; otherwise, it is a few milliseconds.
   */
  readonly maxStaleMs: number;
  /** Interval between sweeps, which delete expired sessions. Until then, they only occupy space. */
  readonly sweepIntervalMs: number;
}

/** See `logs`. */
export interface LogsConfig {
  /**
   * The format of the built-in logger, which writes to stderr. `"pretty"`: aligned lines for people. `"json"`: one JSON
   * object per line, as pino writes. `"auto"`: pretty in a terminal, otherwise JSON. The environment variable
   * `SNAKEPIT_LOG_FORMAT` overrides it. Default: `"auto"`.
   *
   * @example `format: "json"`
   */
  readonly format?: "auto" | "pretty" | "json" | undefined;
  /**
   * The lowest level of records that are logged. The environment variable `SNAKEPIT_LOG_LEVEL` overrides it, for
   * example `debug`, or `warn,logging.urllib3=error` with levels of sources. Default: `"info"` for records of the host,
   * `"debug"` for those of workers; with a `logger`, all records.
   *
   * @example `level: "warn"`
   */
  readonly level?: "debug" | "info" | "warn" | "error" | "silent" | undefined;
  /**
   * Levels of single sources, instead of `level`: `host`, `stdout` and `stderr` for printed lines, `logging` for all
   * Python loggers, `logging.<name>` for one and those below it. Default: none.
   *
   * @example `levels: { stdout: "silent", "logging.urllib3": "error" }`
   */
  readonly levels?: Readonly<Record<string, "debug" | "info" | "warn" | "error" | "silent">> | undefined;
}
/** See `logs`; every default is filled in. */
export interface ResolvedLogs {
  /**
   * The format of the built-in logger, which writes to stderr. `"pretty"`: aligned lines for people. `"json"`: one JSON
   * object per line, as pino writes. `"auto"`: pretty in a terminal, otherwise JSON. The environment variable
   * `SNAKEPIT_LOG_FORMAT` overrides it.
   */
  readonly format: "auto" | "pretty" | "json";
  /**
   * The lowest level of records that are logged. The environment variable `SNAKEPIT_LOG_LEVEL` overrides it, for
   * example `debug`, or `warn,logging.urllib3=error` with levels of sources.
   */
  readonly level: "debug" | "info" | "warn" | "error" | "silent" | undefined;
  /**
   * Levels of single sources, instead of `level`: `host`, `stdout` and `stderr` for printed lines, `logging` for all
   * Python loggers, `logging.<name>` for one and those below it.
   */
  readonly levels: Readonly<Record<string, "debug" | "info" | "warn" | "error" | "silent">>;
}

/** See `redact`. */
export interface RedactionConfig {
  /**
   * Names whose values are replaced in `name=value` and `name: value`. Case does not matter. Default: none.
   *
   * @example `keys: ["patient"]`
   */
  readonly keys?: readonly string[] | undefined;
  /**
   * Patterns whose matches are replaced. Default: none.
   *
   * @example `patterns: [/\d{3}-\d{2}-\d{4}/]`
   */
  readonly patterns?: readonly RegExp[] | undefined;
}
/** See `redact`; every default is filled in. */
export interface ResolvedRedaction {
  /** Names whose values are replaced in `name=value` and `name: value`. Case does not matter. */
  readonly keys: readonly string[];
  /** Patterns whose matches are replaced. */
  readonly patterns: readonly RegExp[];
}

/** See `health`. */
export interface HealthConfig {
  /**
   * Minimum number of ready workers of each pool, busy ones included; for a smaller pool, all of them. With fewer, the
   * host is not ready. Default: 1.
   *
   * @example `minWorkers: 2`
   */
  readonly minWorkers?: number | undefined;
  /**
   * Maximum number of workers of a pool that end unexpectedly within `crashWindowMs`. With more, the host is not ready.
   * Default: 2 × the size of the pool, at least 10.
   *
   * @example `maxCrashes: 20`
   */
  readonly maxCrashes?: number | undefined;
  /**
   * Period in which crashes are counted. Default: 1m.
   *
   * @example `crashWindowMs: "5m"`
   */
  readonly crashWindowMs?: Duration | undefined;
  /**
   * Maximum time that the oldest call of a pool has waited for a worker, without the calls of `map()`. Beyond it, the
   * host is not ready. Without a limit, a queue is only reported: if all hosts of a service are overloaded, none of
   * them should be taken out of service. Default: never.
   *
   * @example `maxQueueDelayMs: "2s"`
   */
  readonly maxQueueDelayMs?: Duration | undefined;
  /**
   * Time that the session store and the registry have to answer. It should be shorter than the time limit of the probe,
   * which is 1 s by default in Kubernetes. Default: 500ms.
   *
   * @example `timeoutMs: "2s"`
   */
  readonly timeoutMs?: Duration | undefined;
  /**
   * Whether the host is not ready while the session store does not answer. Otherwise, that is a warning. Default:
   * `true`.
   *
   * @example `requireStore: false`
   */
  readonly requireStore?: boolean | undefined;
  /**
   * Whether the host is not ready while the process registry does not answer. Otherwise, that is a warning: a running
   * host continues without the registry. Default: `false`.
   *
   * @example `requireRegistry: true`
   */
  readonly requireRegistry?: boolean | undefined;
  /**
   * Time between the start of `close()`, when the host is no longer ready, and the moment when it rejects calls. Load
   * balancers need it to notice. Default: 0.
   *
   * @example `drainDelayMs: "5s"`
   */
  readonly drainDelayMs?: Duration | undefined;
}
/** See `health`; every default is filled in. */
export interface ResolvedHealth {
  /**
   * Minimum number of ready workers of each pool, busy ones included; for a smaller pool, all of them. With fewer, the
   * host is not ready.
   */
  readonly minWorkers: number;
  /**
   * Maximum number of workers of a pool that end unexpectedly within `crashWindowMs`. With more, the host is not ready.
   */
  readonly maxCrashes: number | undefined;
  /** Period in which crashes are counted. */
  readonly crashWindowMs: number;
  /**
   * Maximum time that the oldest call of a pool has waited for a worker, without the calls of `map()`. Beyond it, the
   * host is not ready. Without a limit, a queue is only reported: if all hosts of a service are overloaded, none of
   * them should be taken out of service.
   */
  readonly maxQueueDelayMs: number;
  /**
   * Time that the session store and the registry have to answer. It should be shorter than the time limit of the probe,
   * which is 1 s by default in Kubernetes.
   */
  readonly timeoutMs: number;
  /** Whether the host is not ready while the session store does not answer. Otherwise, that is a warning. */
  readonly requireStore: boolean;
  /**
   * Whether the host is not ready while the process registry does not answer. Otherwise, that is a warning: a running
   * host continues without the registry.
   */
  readonly requireRegistry: boolean;
  /**
   * Time between the start of `close()`, when the host is no longer ready, and the moment when it rejects calls. Load
   * balancers need it to notice.
   */
  readonly drainDelayMs: number;
}

/** See `pythonTelemetry`. */
export interface PythonTelemetryConfig {
  /**
   * Whether workers record anything. Spans are recorded in calls that an OpenTelemetry SDK traces and while
   * `python.span` has a listener; events while `python.event` has a listener, and in traced calls. Default: `true`.
   *
   * @example `enabled: false`
   */
  readonly enabled?: boolean | undefined;
  /**
   * Share of the calls whose spans and events are recorded. The calls of a trace are either all recorded or all not.
   * Default: 1.
   *
   * @example `sampling: 0.1`
   */
  readonly sampling?: number | undefined;
  /**
   * Spans that are recorded: all, none, or those with these names. `model.*` stands for all names that begin with
   * `model.`. The execution of a call is always recorded. Default: `true`.
   *
   * @example `spans: ["model.*"]`
   */
  readonly spans?: boolean | readonly string[] | undefined;
  /**
   * Events that are recorded, in the form of `spans`. Default: `true`.
   *
   * @example `events: ["model.*", "cache.miss"]`
   */
  readonly events?: boolean | readonly string[] | undefined;
  /**
   * Maximum number of spans and events of a worker in a second. Further ones are dropped, and `python.dropped` reports
   * their number. Default: 1000.
   *
   * @example `maxPerSecond: 10_000`
   */
  readonly maxPerSecond?: number | undefined;
  /**
   * Whether each garbage collection of Python is reported while `python.gc` has a listener, or while metrics are
   * measured. Default: `false`.
   *
   * @example `gc: true`
   */
  readonly gc?: boolean | undefined;
}
/** See `pythonTelemetry`; every default is filled in. */
export interface ResolvedPythonTelemetry {
  /**
   * Whether workers record anything. Spans are recorded in calls that an OpenTelemetry SDK traces and while
   * `python.span` has a listener; events while `python.event` has a listener, and in traced calls.
   */
  readonly enabled: boolean;
  /**
   * Share of the calls whose spans and events are recorded. The calls of a trace are either all recorded or all not.
   */
  readonly sampling: number;
  /**
   * Spans that are recorded: all, none, or those with these names. `model.*` stands for all names that begin with
   * `model.`. The execution of a call is always recorded.
   */
  readonly spans: readonly string[];
  /** Events that are recorded, in the form of `spans`. */
  readonly events: readonly string[];
  /**
   * Maximum number of spans and events of a worker in a second. Further ones are dropped, and `python.dropped` reports
   * their number.
   */
  readonly maxPerSecond: number;
  /**
   * Whether each garbage collection of Python is reported while `python.gc` has a listener, or while metrics are
   * measured.
   */
  readonly gc: boolean;
}

/** See `serve`. */
export interface ServeConfig {
  /**
   * The address of the gRPC server, with its credentials: the options of `pit.serve()`, or an array of them for several
   * addresses. Default: none.
   *
   * @example `gateway: { socketPath: "/run/app/tools.sock" }`
   */
  readonly gateway?: BridgeListenOptions | readonly BridgeListenOptions[] | undefined;
  /**
   * The address of the dashboard, with its health probes and metrics: the options of `pit.dashboard()`. `{}` selects
   * the defaults. Default: none.
   *
   * @example `dashboard: { port: 7788, token: process.env.DASHBOARD_TOKEN }`
   */
  readonly dashboard?: DashboardOptions | undefined;
  /**
   * Time that active calls have to end after SIGTERM, SIGINT or SIGHUP and `health.drainDelayMs`. `docker stop` ends a
   * container 10 s after SIGTERM. Default: 8s.
   *
   * @example `graceMs: "30s"`
   */
  readonly graceMs?: Duration | undefined;
}
/** See `serve`; every default is filled in. */
export interface ResolvedServe {
  /**
   * The address of the gRPC server, with its credentials: the options of `pit.serve()`, or an array of them for several
   * addresses.
   */
  readonly gateway: readonly BridgeListenOptions[];
  /**
   * The address of the dashboard, with its health probes and metrics: the options of `pit.dashboard()`. `{}` selects
   * the defaults.
   */
  readonly dashboard: DashboardOptions | undefined;
  /**
   * Time that active calls have to end after SIGTERM, SIGINT or SIGHUP and `health.drainDelayMs`. `docker stop` ends a
   * container 10 s after SIGTERM.
   */
  readonly graceMs: number;
}
