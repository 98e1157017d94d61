import type { Instrumentation, SnakepitError } from "@snakepit/core";
import type { Call } from "../calls/call.ts";
import { cancelled, deadlineExceeded, notStarted, saturated, sessionWorkerBusy } from "../calls/call-errors.ts";
import type { PoolOptions } from "../pool-options.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { ToolDirectory } from "./tool-directory.ts";

/** Says why a pool takes no calls. */
export type Refusal = (call: Call) => SnakepitError;

/** What speaks against taking a call. */
export class Admission {
  /** Why the pool takes no calls; `undefined` while it does. */
  refusal: Refusal | undefined = notStarted;
  /** Calls refused because the queue was full. */
  saturated = 0;
  readonly #options: PoolOptions;
  readonly #tools: ToolDirectory;
  readonly #instrumentation: Instrumentation | undefined;
  /** Whether the last call that wanted to wait was refused. */
  #full = false;

  constructor(options: PoolOptions, tools: ToolDirectory, instrumentation: Instrumentation | undefined) {
    this.#options = options;
    this.#tools = tools;
    this.#instrumentation = instrumentation;
  }

  /** What speaks against a call in any case. */
  objection(call: Call, now: number): SnakepitError | undefined {
    if (this.refusal !== undefined) return this.refusal(call);
    if (call.signal?.aborted === true) return cancelled(call);
    if (now >= call.deadline) return deadlineExceeded(call);
    return this.#tools.objection(call);
  }

  /**
   * What speaks against letting a call wait.
   *
   * @param worker the one worker that it would wait for; `undefined` when any will do.
   * @param queued how many wait already.
   */
  objectionToWaiting(call: Call, worker: PoolWorker | undefined, queued: number): SnakepitError | undefined {
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
}
