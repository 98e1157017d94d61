import type { ProcessIdentity, SnakepitError } from "@snakepit/core";

/** A worker's process, seen from the host: started by the zygote, not yet known to be ready. */
export interface WorkerProcess extends ProcessIdentity {
  readonly workerId: string;
  readonly processGroup: number;
  /** Resolves when the process and its group are gone; never rejects. */
  readonly exited: Promise<WorkerProcessExit>;
  /** Sends a signal to the process group. Does nothing once the process is gone. */
  kill(signal: NodeJS.Signals): void;
}

/** How a worker's process ended. */
export interface WorkerProcessExit {
  readonly exitCode?: number;
  /** Name of the signal that ended the process. */
  readonly signal?: string;
  /** Whether the kernel killed it because it was out of memory. */
  readonly outOfMemory: boolean;
  /** The last lines on the process's own file descriptors 1 and 2. */
  readonly stderrTail: string;
  /** Set when it could not be observed how the process ended. */
  readonly cause?: SnakepitError;
}
