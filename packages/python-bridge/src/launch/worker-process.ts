import type { ProcessIdentity, SnakepitError, ThreadStack, WorkerLimits } from "@snakepit/core";

/** The process of a worker. The zygote has started it; the worker may not be ready yet. */
export interface WorkerProcess extends ProcessIdentity {
  readonly workerId: string;
  readonly processGroup: number;
  /** Resolves when the process and its group have ended; never rejects. */
  readonly exited: Promise<WorkerProcessExit>;
  /** Sends a signal to the process group. Does nothing after the process has ended. */
  kill(signal: NodeJS.Signals): void;
  /**
   * Requests the stacks of the process, which become part of its exit. Resolves when they have arrived; never rejects.
   * The process continues.
   */
  requestStacks(): Promise<void>;
  /**
   * Reads the stacks of the threads through Python's fault handler, which also works while native code holds the
   * interpreter lock. The process continues. Resolves with `undefined` if the process has ended or has no fault handler
   * any longer; does not resolve while the process cannot handle signals. Never rejects.
   */
  readStacks(): Promise<readonly ThreadStack[] | undefined>;
}

/** How the process of a worker ended. */
export interface WorkerProcessExit {
  readonly exitCode?: number;
  /** Name of the signal that ended the process. */
  readonly signal?: string;
  /** Whether the kernel killed it because it was out of memory. */
  readonly outOfMemory: boolean;
  /** The last lines written to file descriptors 1 and 2. */
  readonly stderrTail: string;
  /** The stacks of its threads in Python, if they were requested by a signal and written. */
  readonly stacks?: string;
  /** Why it is unknown how the process ended, for example because its zygote ended first. */
  readonly cause?: SnakepitError;
}

/** A worker and its process, for messages. */
export interface WorkerIdentity {
  readonly pool: string;
  readonly workerId: string;
  readonly pid: number;
  /** The limits of the process. */
  readonly limits?: WorkerLimits | undefined;
}
