import type { WorkerHandle } from "./worker-handle.ts";

/** Starts the workers of one pool. */
export interface WorkerLauncher {
  /**
   * Starts one worker and resolves when it is ready for calls. Many launches may be under way at once.
   * When `signal` aborts, the process is ended before the promise rejects.
   *
   * @throws SnakepitError `WORKER_START_FAILED` (with `startFailure: "permanent"` when trying again without a change
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
