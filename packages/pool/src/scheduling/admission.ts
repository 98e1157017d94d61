import type { Instrumentation, SnakepitError } from "@snakepit/core";
import type { Call, PoolWorker } from "../calls/call.ts";
import { cancelled, deadlineExceeded, notStarted, saturated, sessionWorkerBusy } from "../calls/call-errors.ts";
import type { PoolOptions } from "../pool-options.ts";
import type { ToolDirectory } from "./tool-directory.ts";
import type { WaitingCalls } from "./waiting-calls.ts";

/** Returns the error of a call that no worker will complete. */
export type ErrorOfCall = (call: Call) => SnakepitError;

/** Returns the error of a call that the pool rejects; `undefined` if it accepts the call. */
export type Rejection = (call: Call) => SnakepitError | undefined;

/** Decides whether a call is accepted. */
export class Admission {
  /** Rejects calls; `undefined` while the pool accepts them. */
  rejection: Rejection | undefined = notStarted;
  /** The number of calls rejected because the queue was full. */
  saturated = 0;
  readonly #options: PoolOptions;
  readonly #tools: ToolDirectory;
  readonly #instrumentation: Instrumentation | undefined;
  /** Whether the last call that had to wait was rejected. */
  #full = false;

  constructor(options: PoolOptions, tools: ToolDirectory, instrumentation: Instrumentation | undefined) {
    this.#options = options;
    this.#tools = tools;
    this.#instrumentation = instrumentation;
  }

  /** Returns the error of a call that is rejected even if a worker is free. */
  whyRejected(call: Call, now: number): SnakepitError | undefined {
    const rejected = this.rejection?.(call);
    if (rejected !== undefined) return rejected;
    if (call.signal?.aborted === true) return cancelled(call);
    if (now >= call.deadline) return deadlineExceeded(call);
    return this.#tools.whyRejected(call);
  }

  /**
   * Returns the error of a call that must not be queued.
   *
   * @param worker the only worker that may take the call; `undefined` for any worker.
   * @param queued the number of queued calls.
   */
  whyNotQueued(call: Call, worker: PoolWorker | undefined, queued: number): SnakepitError | undefined {
    if (worker !== undefined && call.affinity === "strict-fail") return sessionWorkerBusy(call, worker);
    const { name: pool, queueLimit } = this.#options;
    if (queued < queueLimit || call.batch !== undefined) {
      this.#full = false;
      return undefined;
    }
    this.saturated += 1;
    if (!this.#full) this.#instrumentation?.emit("pool.saturated", { pool, queued });
    this.#full = true;
    return saturated(call, queueLimit);
  }

  /**
   * Whether a call of a batch may enter a queue. At most as many calls of batches are queued as the
   * pool has workers, so that other callers find room. A nested call always enters, because a deadlock outside of the queue would not be detected.
   */
  hasRoomFor(call: Call, waiting: WaitingCalls): boolean {
    if (call.parent !== undefined) return true;
    const { size, queueLimit } = this.#options;
    return waiting.ofBatches < size && waiting.length < Math.max(1, queueLimit);
  }
}
