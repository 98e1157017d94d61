import type { Instrumentation, SnakepitError } from "@snakepit/core";
import type { Call, PoolWorker } from "../calls/call.ts";
import { cancelled, deadlineExceeded, notStarted, saturated, sessionWorkerBusy } from "../calls/call-errors.ts";
import type { PoolOptions } from "../pool-options.ts";
import type { ToolDirectory } from "./tool-directory.ts";
import type { WaitingCalls } from "./waiting-calls.ts";

/** Returns the error of a call that neither a worker nor the pool will answer. */
export type Refusal = (call: Call) => SnakepitError;

/** Returns why a pool rejects a call; `undefined` when it accepts it. */
export type Rejection = (call: Call) => SnakepitError | undefined;

/** What speaks against taking a call. */
export class Admission {
  /** Why the pool takes no calls; `undefined` while it does. */
  refusal: Rejection | undefined = notStarted;
  /** Calls refused because the queue was full. */
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

  /** What speaks against a call in any case. */
  whyRejected(call: Call, now: number): SnakepitError | undefined {
    const refused = this.refusal?.(call);
    if (refused !== undefined) return refused;
    if (call.signal?.aborted === true) return cancelled(call);
    if (now >= call.deadline) return deadlineExceeded(call);
    return this.#tools.whyRejected(call);
  }

  /**
   * What speaks against letting a call wait.
   *
   * @param worker the one worker that it would wait for; `undefined` when any will do.
   * @param queued how many wait already.
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
   * Whether a call of a batch may join a queue. Batches fill no more of it than keeps the workers busy, so that other
   * callers find room. A call on behalf of another always joins: outside, a deadlock would not be detected.
   */
  hasRoomFor(call: Call, waiting: WaitingCalls): boolean {
    if (call.parent !== undefined) return true;
    const { size, queueLimit } = this.#options;
    return waiting.ofBatches < size && waiting.length < Math.max(1, queueLimit);
  }
}
