import type { Cleanup } from "../async/cleanup-stack.ts";
import type { ConfigProblem } from "../validation/options.ts";
import type { HostRequests } from "./host-requests.ts";
import type { Instrumentation } from "./instrumentation.ts";
import type { ProcessRegistry } from "./process-registry.ts";
import type { WorkerHandle } from "./worker-handle.ts";

/** The objects that the launchers of all pools of a host share. Each host of a process has a different scope. */
export interface HostScope {
  readonly runId: string;
  readonly registry: ProcessRegistry;
  readonly instrumentation: Instrumentation;
  /** Handles the requests of workers. */
  readonly requests: HostRequests;
  /** Maximum size of a value on the wire, in bytes. */
  readonly maxPayloadBytes: number;
  /** The directory in which the directory of the endpoint is created. Default: chosen by the launcher. */
  readonly socketDirectory?: string;
  /** Adds a cleanup that runs when the host closes, after all launchers have closed. */
  defer(cleanup: Cleanup): void;
}

/** Limits of one worker process; `undefined` for those of the host. The configuration of a pool documents them. */
export interface WorkerLimits {
  readonly addressSpaceMb: number | undefined;
  readonly cpuSeconds: number | undefined;
  readonly openFiles: number | undefined;
  readonly niceness: number | undefined;
  readonly memoryMb: number | undefined;
  readonly cpus: number | undefined;
}

/** The options of a pool for its launcher. */
export interface LauncherOptions {
  readonly pool: string;
  /** Maximum number of workers in the pool. */
  readonly size: number;
  /** Whether workers must report the files that they have loaded ({@link WorkerHandle.sourceFiles}). */
  readonly watch: boolean;
  /** Maximum milliseconds from the launch of a worker until it is ready. */
  readonly startTimeoutMs: number;
  /** Milliseconds between heartbeats of a worker. */
  readonly heartbeatIntervalMs: number;
  /** Milliseconds without a heartbeat after which a worker counts as hung. */
  readonly heartbeatTimeoutMs: number;
  /** Environment variables added to those of the host; `undefined` removes one. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Limits of each worker process. Default: none. */
  readonly limits?: WorkerLimits | undefined;
  /** How a worker executes calls: `process` (the default), `thread`, `async`, or another profile of the language. */
  readonly profile?: string | undefined;
  /** Number of calls that a worker executes at the same time. Default: chosen by the profile. */
  readonly capacity?: number | undefined;
  /** Number of threads that numeric libraries use for one operation. Default: 1. */
  readonly libraryThreads?: number | undefined;
  /** How workers check the thread safety of concurrent calls. Default: `"warn"`. */
  readonly threadSafety?: "off" | "warn" | "strict" | undefined;
}

/** Specifies what kind of worker a pool runs; a language package creates one, for example `python("./tools.py")`. */
export interface WorkerSpec {
  /** The language, for messages and statistics. */
  readonly language: string;
  /** Display name of the target: a file, a module or a class. */
  readonly target: string;
  /**
   * Problems of the options of the worker, which are reported with those of the configuration. Paths are relative to
   * the worker, for example `startMethod`.
   */
  readonly problems?: readonly ConfigProblem[];
  /**
   * Returns the specification whose relative paths are relative to this directory instead of the working directory of
   * the host; for configuration files. Absent if no path is relative.
   *
   * @param directory absolute path.
   */
  relativeTo?(directory: string): WorkerSpec;
  /**
   * Creates the launcher of one pool. Checks everything that can be checked without starting a worker.
   *
   * @throws SnakepitError `INVALID_CONFIG` or `WORKER_START_FAILED`, with a remedy.
   */
  createLauncher(host: HostScope, options: LauncherOptions): Promise<WorkerLauncher>;
}

/** Starts the workers of one pool. */
export interface WorkerLauncher {
  /**
   * Starts one worker and resolves when it is ready for calls. Several launches may run at the same time. When `signal`
   * aborts, the process is ended before the promise rejects.
   *
   * @throws SnakepitError `WORKER_START_FAILED` (with `startFailure: "permanent"` if a retry fails unless the code or
   *   the set-up changes), `PROTOCOL_MISMATCH`, `UNAUTHENTICATED`, `REGISTRY_UNAVAILABLE`, `CANCELLED`.
   */
  launch(request: LaunchRequest): Promise<WorkerHandle>;
  /**
   * Loads the present version of the target in addition to the one that workers run. Without this method, each launch
   * loads the present version.
   *
   * @throws SnakepitError `WORKER_START_FAILED` if it cannot be loaded; workers then continue to use the other one.
   */
  renew?(): Promise<LauncherRenewal>;
  /** Ends all remaining processes, including workers. Idempotent. */
  close(): Promise<void>;
}

export interface LaunchRequest {
  readonly workerId: string;
  readonly signal: AbortSignal;
  /** The version of the target to start, if it is not the adopted one. */
  readonly renewal?: LauncherRenewal | undefined;
}

/** A version of the target that is loaded, but not used by launches that do not request it. */
export interface LauncherRenewal {
  /** Makes all later launches use this version. The version before is released when its last worker has ended. */
  adopt(): void;
  /** Releases this version, after its workers have ended. No effect after {@link adopt}. */
  discard(): Promise<void>;
}
