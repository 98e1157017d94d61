// Generated from pool-options.ts and host-options.ts by `pnpm --filter @snakepit/core run generate:config-docs`; not to be edited.
import type { Instrumentation, Logger } from "../../ports/instrumentation.ts";
import type { ProcessRegistry } from "../../ports/process-registry.ts";
import type { StateStore } from "../../ports/state-store.ts";
import type { WorkerSpec } from "../../ports/worker-spec.ts";
import type { Duration } from "../../time/duration.ts";
import type { RegistryLocation, StoreLocation } from "../locations.ts";

/** A pool, as the user writes it. */
export interface PoolConfig {
  /**
   * What the workers run.
   *
   * @example `worker: python("./tools.py")`
   */
  readonly worker: WorkerSpec;
  /**
   * How many workers the pool keeps. Default: 2 × the cores.
   *
   * @example `size: 4`
   */
  readonly size?: number | undefined;
  /**
   * How many workers are started at the same time. Default: 64.
   *
   * @example `batchSize: 16`
   */
  readonly batchSize?: number | undefined;
  /**
   * Pause between one batch of starts and the next. Default: 0.
   *
   * @example `batchDelayMs: "100ms"`
   */
  readonly batchDelayMs?: Duration | undefined;
  /**
   * How many calls may wait for a worker. One more is refused at once with `POOL_SATURATED`. Default: 1000.
   *
   * @example `queueLimit: 5000`
   */
  readonly queueLimit?: number | undefined;
  /**
   * How long a call waits for a worker before it fails with `QUEUE_TIMEOUT`. Default: 5s.
   *
   * @example `queueTimeoutMs: "10s"`
   */
  readonly queueTimeoutMs?: Duration | undefined;
  /**
   * How calls of a session keep to the worker that executed its last one, where the call does not say: `"hint"` prefers
   * that worker when it can take the call now, and is content with any other; `"strict-queue"` waits for it;
   * `"strict-fail"` fails with `SESSION_WORKER_UNAVAILABLE` when it is busy. A worker that is gone, or about to go, is
   * forgotten at once, and any other takes the next call. Default: `"hint"`.
   *
   * @example `affinity: "strict-queue"`
   */
  readonly affinity?: "hint" | "strict-queue" | "strict-fail" | undefined;
  /**
   * The deadline of `execute`, queueing included, where the call does not say its own; past it the call fails with
   * `DEADLINE_EXCEEDED`. Default: 30s.
   *
   * @example `executeTimeoutMs: "2m"`
   */
  readonly executeTimeoutMs?: Duration | undefined;
  /**
   * The same for `stream`, from the call to the last chunk. Default: 5m.
   *
   * @example `streamTimeoutMs: "1h"`
   */
  readonly streamTimeoutMs?: Duration | undefined;
  /**
   * How long a worker may take from its launch until it is ready; past it the start fails with `WORKER_START_FAILED`.
   * Default: 30s.
   *
   * @example `startTimeoutMs: "2m"`
   */
  readonly startTimeoutMs?: Duration | undefined;
  /**
   * How long `close()` lets active calls finish before it ends the workers. Default: 2s.
   *
   * @example `shutdownGraceMs: "10s"`
   */
  readonly shutdownGraceMs?: Duration | undefined;
  /**
   * How long a worker has to give up a cancelled call. One that does not is killed and replaced; the caller has its
   * answer long before. Default: 2s.
   *
   * @example `cancelGraceMs: "500ms"`
   */
  readonly cancelGraceMs?: Duration | undefined;
  /**
   * How often a worker says that it is alive. Default: 2s.
   *
   * @example `heartbeatIntervalMs: "1s"`
   */
  readonly heartbeatIntervalMs?: Duration | undefined;
  /**
   * How long a worker may be silent before it counts as dead and is replaced. Default: 10s.
   *
   * @example `heartbeatTimeoutMs: "30s"`
   */
  readonly heartbeatTimeoutMs?: Duration | undefined;
  /**
   * How many crashed workers are replaced at full speed; one that has answered a call does not count. Past that the
   * pool is `degraded`: it waits `backoff.maxMs` between attempts, or until a call waits for a worker, until it
   * recovers. Default: see below.
   *
   * @example `restart: { maxRestarts: 20, withinMs: "10s" }`
   */
  readonly restart?: RestartConfig | undefined;
  /**
   * How long to wait before a worker that could not start, or ended before its first call, is tried again. The pause
   * doubles with each failure. A call that waits for a worker while there is none ends the pause. Default: see below.
   *
   * @example `backoff: { initialMs: "100ms", maxMs: "10s" }`
   */
  readonly backoff?: BackoffConfig | undefined;
  /**
   * Environment variables for the workers, added to those of the host; `undefined` takes one away. Python workers have
   * `OMP_NUM_THREADS`, `OPENBLAS_NUM_THREADS`, `MKL_NUM_THREADS` and `NUMEXPR_NUM_THREADS` set to 1 where nobody has
   * set them, since the pool is what uses the cores. Default: none.
   *
   * @example `env: { MODEL_DIR: "/models" }`
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A pool's configuration with every default filled in. Durations are milliseconds. */
export interface ResolvedPoolConfig {
  /** What the workers run. */
  readonly worker: WorkerSpec;
  /** How many workers the pool keeps. */
  readonly size: number;
  /** How many workers are started at the same time. */
  readonly batchSize: number;
  /** Pause between one batch of starts and the next. */
  readonly batchDelayMs: number;
  /** How many calls may wait for a worker. One more is refused at once with `POOL_SATURATED`. */
  readonly queueLimit: number;
  /** How long a call waits for a worker before it fails with `QUEUE_TIMEOUT`. */
  readonly queueTimeoutMs: number;
  /**
   * How calls of a session keep to the worker that executed its last one, where the call does not say: `"hint"` prefers
   * that worker when it can take the call now, and is content with any other; `"strict-queue"` waits for it;
   * `"strict-fail"` fails with `SESSION_WORKER_UNAVAILABLE` when it is busy. A worker that is gone, or about to go, is
   * forgotten at once, and any other takes the next call.
   */
  readonly affinity: "hint" | "strict-queue" | "strict-fail";
  /**
   * The deadline of `execute`, queueing included, where the call does not say its own; past it the call fails with
   * `DEADLINE_EXCEEDED`.
   */
  readonly executeTimeoutMs: number;
  /** The same for `stream`, from the call to the last chunk. */
  readonly streamTimeoutMs: number;
  /**
   * How long a worker may take from its launch until it is ready; past it the start fails with `WORKER_START_FAILED`.
   */
  readonly startTimeoutMs: number;
  /** How long `close()` lets active calls finish before it ends the workers. */
  readonly shutdownGraceMs: number;
  /**
   * How long a worker has to give up a cancelled call. One that does not is killed and replaced; the caller has its
   * answer long before.
   */
  readonly cancelGraceMs: number;
  /** How often a worker says that it is alive. */
  readonly heartbeatIntervalMs: number;
  /** How long a worker may be silent before it counts as dead and is replaced. */
  readonly heartbeatTimeoutMs: number;
  /**
   * How many crashed workers are replaced at full speed; one that has answered a call does not count. Past that the
   * pool is `degraded`: it waits `backoff.maxMs` between attempts, or until a call waits for a worker, until it
   * recovers.
   */
  readonly restart: ResolvedRestart;
  /**
   * How long to wait before a worker that could not start, or ended before its first call, is tried again. The pause
   * doubles with each failure. A call that waits for a worker while there is none ends the pause.
   */
  readonly backoff: ResolvedBackoff;
  /**
   * Environment variables for the workers, added to those of the host; `undefined` takes one away. Python workers have
   * `OMP_NUM_THREADS`, `OPENBLAS_NUM_THREADS`, `MKL_NUM_THREADS` and `NUMEXPR_NUM_THREADS` set to 1 where nobody has
   * set them, since the pool is what uses the cores.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What holds for all pools of a host, as the user writes it. */
export interface HostConfig {
  /**
   * Where the processes that run are written down, so that none outlives its host: a SQLite file, a PostgreSQL database
   * that several hosts may share, or a registry of your own. Default: a file in the user's state directory.
   *
   * @example `registry: { path: "./snakepit.db" }`
   */
  readonly registry?: RegistryLocation | ProcessRegistry | undefined;
  /**
   * Sessions, and the variables, programs and tools that belong to them. Default: see below.
   *
   * @example `sessions: { store: { path: "./sessions.db" }, ttlMs: "1d" }`
   */
  readonly sessions?: SessionsConfig | undefined;
  /**
   * The largest value that may travel, either way, in bytes. A larger one fails with `PAYLOAD_TOO_LARGE`. Default: 256
   * MiB.
   *
   * @example `maxPayloadBytes: 64 * 1024 * 1024`
   */
  readonly maxPayloadBytes?: number | undefined;
  /**
   * The directory in which the host makes the private directory of its socket. The path must be short: a socket's path
   * has room for about 100 bytes. Default: the temporary directory (`TMPDIR`), else `/tmp`, else `$XDG_RUNTIME_DIR`.
   *
   * @example `socketDirectory: "/run/my-app"`
   */
  readonly socketDirectory?: string | undefined;
  /**
   * Receives what workers print and log, and what goes wrong, as structured records. Any logger with pino's methods
   * will do; `false` silences them. Default: lines on stderr.
   *
   * @example `logger: pino()`
   */
  readonly logger?: Logger | false | undefined;
  /**
   * What is taken out of log records, in addition to the names and patterns that always are (passwords, tokens, keys,
   * credentials in URLs). Default: see below.
   *
   * @example `redact: { keys: ["patient"], patterns: [/\d{3}-\d{2}-\d{4}/] }`
   */
  readonly redact?: RedactionConfig | undefined;
  /**
   * Hears every event and follows every call, in place of the built-in OpenTelemetry spans and metrics, which cost
   * nothing until an OpenTelemetry SDK is set up. Default: OpenTelemetry.
   *
   * @example `instrumentation: noInstrumentation`
   */
  readonly instrumentation?: Instrumentation | undefined;
}

/** What holds for all pools of a host, with every default filled in. */
export interface ResolvedHostConfig {
  /**
   * Where the processes that run are written down, so that none outlives its host: a SQLite file, a PostgreSQL database
   * that several hosts may share, or a registry of your own.
   */
  readonly registry: RegistryLocation | ProcessRegistry | undefined;
  /** Sessions, and the variables, programs and tools that belong to them. */
  readonly sessions: ResolvedSessions;
  /** The largest value that may travel, either way, in bytes. A larger one fails with `PAYLOAD_TOO_LARGE`. */
  readonly maxPayloadBytes: number;
  /**
   * The directory in which the host makes the private directory of its socket. The path must be short: a socket's path
   * has room for about 100 bytes.
   */
  readonly socketDirectory: string | undefined;
  /**
   * Receives what workers print and log, and what goes wrong, as structured records. Any logger with pino's methods
   * will do; `false` silences them.
   */
  readonly logger: Logger | false | undefined;
  /**
   * What is taken out of log records, in addition to the names and patterns that always are (passwords, tokens, keys,
   * credentials in URLs).
   */
  readonly redact: ResolvedRedaction;
  /**
   * Hears every event and follows every call, in place of the built-in OpenTelemetry spans and metrics, which cost
   * nothing until an OpenTelemetry SDK is set up.
   */
  readonly instrumentation: Instrumentation | undefined;
}

/** See `restart`. */
export interface RestartConfig {
  /**
   * How many restarts of the pool's workers are borne. Default: 100.
   *
   * @example `maxRestarts: 20`
   */
  readonly maxRestarts?: number | undefined;
  /**
   * The time span in which they are counted. Default: 1m.
   *
   * @example `withinMs: "10s"`
   */
  readonly withinMs?: Duration | undefined;
}
/** See `restart`; every default is filled in. */
export interface ResolvedRestart {
  /** How many restarts of the pool's workers are borne. */
  readonly maxRestarts: number;
  /** The time span in which they are counted. */
  readonly withinMs: number;
}

/** See `backoff`. */
export interface BackoffConfig {
  /**
   * The first pause. Default: 100ms.
   *
   * @example `initialMs: "100ms"`
   */
  readonly initialMs?: Duration | undefined;
  /**
   * The longest pause. Default: 30s.
   *
   * @example `maxMs: "10s"`
   */
  readonly maxMs?: Duration | undefined;
}
/** See `backoff`; every default is filled in. */
export interface ResolvedBackoff {
  /** The first pause. */
  readonly initialMs: number;
  /** The longest pause. */
  readonly maxMs: number;
}

/** See `sessions`. */
export interface SessionsConfig {
  /**
   * Where sessions live, with their variables and programs: in this process (`"memory"`), where they end with it; in
   * the database of the registry (beside the default one, in a file of its own); in a SQLite file; in a PostgreSQL
   * database that hosts share; or in a store of your own. Default: `"memory"`.
   *
   * @example `store: { url: "postgres://app@db/app" }`
   */
  readonly store?: StoreLocation | StateStore | undefined;
  /**
   * How long a session lives without being used, when its maker does not say. Default: 1h.
   *
   * @example `ttlMs: "1d"`
   */
  readonly ttlMs?: Duration | undefined;
  /**
   * How many sessions may be alive in the store. One more fails with `QUOTA_EXCEEDED`. Default: 10000.
   *
   * @example `maxSessions: 100_000`
   */
  readonly maxSessions?: number | undefined;
  /**
   * How many variables a session may have. Default: 1000.
   *
   * @example `maxVariablesPerSession: 100`
   */
  readonly maxVariablesPerSession?: number | undefined;
  /**
   * How many programs a session may have. Default: 100.
   *
   * @example `maxProgramsPerSession: 10`
   */
  readonly maxProgramsPerSession?: number | undefined;
  /**
   * How many programs there may be that belong to no session. Default: 1000.
   *
   * @example `maxGlobalPrograms: 50`
   */
  readonly maxGlobalPrograms?: number | undefined;
  /**
   * How many tools of this host a session may have of its own. Default: 256.
   *
   * @example `maxToolsPerSession: 16`
   */
  readonly maxToolsPerSession?: number | undefined;
  /**
   * How long what was read from a store that other hosts write to may be used although it has changed, at worst: when a
   * notification was lost. Usually it is a few milliseconds. Default: 2s.
   *
   * @example `maxStaleMs: "500ms"`
   */
  readonly maxStaleMs?: Duration | undefined;
  /**
   * Time between sweeps, which delete sessions that are over. Until then they only take up room. Default: 30s.
   *
   * @example `sweepIntervalMs: "5m"`
   */
  readonly sweepIntervalMs?: Duration | undefined;
}
/** See `sessions`; every default is filled in. */
export interface ResolvedSessions {
  /**
   * Where sessions live, with their variables and programs: in this process (`"memory"`), where they end with it; in
   * the database of the registry (beside the default one, in a file of its own); in a SQLite file; in a PostgreSQL
   * database that hosts share; or in a store of your own.
   */
  readonly store: StoreLocation | StateStore;
  /** How long a session lives without being used, when its maker does not say. */
  readonly ttlMs: number;
  /** How many sessions may be alive in the store. One more fails with `QUOTA_EXCEEDED`. */
  readonly maxSessions: number;
  /** How many variables a session may have. */
  readonly maxVariablesPerSession: number;
  /** How many programs a session may have. */
  readonly maxProgramsPerSession: number;
  /** How many programs there may be that belong to no session. */
  readonly maxGlobalPrograms: number;
  /** How many tools of this host a session may have of its own. */
  readonly maxToolsPerSession: number;
  /**
   * How long what was read from a store that other hosts write to may be used although it has changed, at worst: when a
   * notification was lost. Usually it is a few milliseconds.
   */
  readonly maxStaleMs: number;
  /** Time between sweeps, which delete sessions that are over. Until then they only take up room. */
  readonly sweepIntervalMs: number;
}

/** See `redact`. */
export interface RedactionConfig {
  /**
   * Names whose values are replaced, wherever `name=value` or `name: value` stands; case does not matter. Default:
   * none.
   *
   * @example `keys: ["patient"]`
   */
  readonly keys?: readonly string[] | undefined;
  /**
   * Text that is replaced wherever it matches. Default: none.
   *
   * @example `patterns: [/\d{3}-\d{2}-\d{4}/]`
   */
  readonly patterns?: readonly RegExp[] | undefined;
}
/** See `redact`; every default is filled in. */
export interface ResolvedRedaction {
  /** Names whose values are replaced, wherever `name=value` or `name: value` stands; case does not matter. */
  readonly keys: readonly string[];
  /** Text that is replaced wherever it matches. */
  readonly patterns: readonly RegExp[];
}
