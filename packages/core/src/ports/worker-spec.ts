import type { Cleanup } from "../async/cleanup-stack.ts";
import type { ConfigProblem } from "../validation/problems.ts";
import type { HostRequests } from "./host-requests.ts";
import type { Instrumentation } from "./instrumentation.ts";
import type { ProcessRegistry } from "./process-registry.ts";
import type { WorkerLauncher } from "./worker-launcher.ts";

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

/** Says what kind of worker a pool runs; a language package makes one, for example `python("./tools.py")`. */
export interface WorkerSpec {
  /** The language, for messages and statistics. */
  readonly language: string;
  /** What is run, as a person would name it: a file, a module, a class. */
  readonly target: string;
  /**
   * Mistakes in what it was made of. They are told with all others of the configuration; paths begin at the worker,
   * for example `launcher`.
   */
  readonly problems?: readonly ConfigProblem[];
  /**
   * Makes the launcher of one pool. Checks what can be checked without starting a worker.
   *
   * @throws SnakepitError `INVALID_CONFIG` or `WORKER_START_FAILED`, naming the thing and the remedy.
   */
  createLauncher(host: HostScope, options: LauncherOptions): Promise<WorkerLauncher>;
}
