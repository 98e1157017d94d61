import type { Cleanup } from "../async/cleanup-stack.ts";
import type { ConfigProblem } from "../validation/options.ts";
import type { HostRequests } from "./host-requests.ts";
import type { Instrumentation } from "./instrumentation.ts";
import type { ProcessRegistry } from "./process-registry.ts";
import type { WorkerHandle } from "./worker-handle.ts";

/** What the launchers of all pools of one host share. Its identity tells hosts in one process apart. */
export interface HostScope {
  readonly runId: string;
  readonly registry: ProcessRegistry;
  readonly instrumentation: Instrumentation;
  /** Answers what workers ask of the host. */
  readonly requests: HostRequests;
  /** Largest value that may cross the wire, in bytes. */
  readonly maxPayloadBytes: number;
  /** Where the directory of the host's endpoint is made; absent, the launcher chooses one. */
  readonly socketDirectory?: string;
  /** Adds what must be closed with the host, after every launcher. */
  defer(cleanup: Cleanup): void;
}

/** What a pool's limits mean for a launcher. */
export interface LauncherOptions {
  readonly pool: string;
  /** Workers that the pool keeps. */
  readonly size: number;
  /** Milliseconds from launch to ready. */
  readonly startTimeoutMs: number;
  /** Milliseconds between heartbeats of a worker. */
  readonly heartbeatIntervalMs: number;
  /** Milliseconds of silence after which a worker counts as dead. */
  readonly heartbeatTimeoutMs: number;
  /** Environment variables added to those of the host; `undefined` takes one away. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Specifies what kind of worker a pool runs; a language package creates one, for example `python("./tools.py")`. */
export interface WorkerSpec {
  /** The language, for messages and statistics. */
  readonly language: string;
  /** What is run, as a person would name it: a file, a module, a class. */
  readonly target: string;
  /**
   * Problems of its own options. They are reported with all others of the configuration; paths begin at the worker,
   * for example `startMethod`.
   */
  readonly problems?: readonly ConfigProblem[];
  /**
   * Makes the launcher of one pool. Checks what can be checked without starting a worker.
   *
   * @throws SnakepitError `INVALID_CONFIG` or `WORKER_START_FAILED`, naming the thing and the remedy.
   */
  createLauncher(host: HostScope, options: LauncherOptions): Promise<WorkerLauncher>;
}

/** Starts the workers of one pool. */
export interface WorkerLauncher {
  /**
   * Starts one worker and resolves when it is ready for calls. Many launches may be under way at once.
   * When `signal` aborts, the process is ended before the promise rejects.
   *
   * @throws SnakepitError `WORKER_START_FAILED` (with `startFailure: "permanent"` when a retry without a change
   *   to code or set-up is pointless), `PROTOCOL_MISMATCH`, `UNAUTHENTICATED`, `REGISTRY_UNAVAILABLE`, `CANCELLED`.
   */
  launch(request: LaunchRequest): Promise<WorkerHandle>;
  /** Ends whatever is left, workers included. May be called more than once. */
  close(): Promise<void>;
}

export interface LaunchRequest {
  readonly workerId: string;
  readonly signal: AbortSignal;
}
