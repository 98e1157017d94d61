import { type HealthCheck, maskUrlSecrets, type ResolvedHealth, type SnakepitError } from "@snakepit/core";
import type { WorkerPool } from "@snakepit/pool";

/** Maximum number of crashes that are remembered for each pool. */
const MAX_REMEMBERED = 10_000;

/** The checks of one pool: its workers, its crashes, and its queue. */
export class PoolChecks {
  readonly #pool: WorkerPool;
  readonly #thresholds: ResolvedHealth;
  /** When workers have crashed, on the clock of `performance.now()`, oldest first. */
  readonly #crashes: number[] = [];
  /** The latest failure of a start, or why the pool is degraded. */
  #fault: SnakepitError | undefined;

  constructor(pool: WorkerPool, thresholds: ResolvedHealth) {
    this.#pool = pool;
    this.#thresholds = thresholds;
  }

  /** Whether the pool may have workers again without a new process. */
  get canRecover(): boolean {
    return this.#pool.stats().state !== "failed";
  }

  /** A worker has ended unexpectedly. */
  crashed(now: number): void {
    this.#crashes.push(now);
    if (this.#crashes.length > MAX_REMEMBERED) this.#crashes.shift();
  }

  /** A worker could not start, or the pool is degraded. */
  failed(error: SnakepitError): void {
    this.#fault = error;
  }

  run(now: number): HealthCheck[] {
    return [this.#workers(), this.#crashRate(now), this.#queue()];
  }

  #workers(): HealthCheck {
    const { state, size } = this.#pool.stats();
    const ready = this.#pool.workers().filter((worker) => worker.state === "ready").length;
    const minWorkers = Math.min(this.#thresholds.minWorkers, size);
    const values = { ready, size, minWorkers };
    const count = `${ready} of ${size} workers are ready`;
    const cause = this.#fault === undefined ? "" : `: ${firstLine(this.#fault)}`;
    switch (state) {
      case "failed":
        return this.#result("workers", "fail", `the pool has stopped trying to start workers${cause}`, values);
      case "closing":
        return this.#result("workers", "fail", "the pool is closing", values);
      case "idle":
      case "starting":
        return this.#result("workers", minWorkers === 0 ? "pass" : "fail", `the pool is starting; ${count}`, values);
      case "degraded":
      case "ready": {
        if (ready < minWorkers) {
          const reason = `${count}, at least ${minWorkers} are required${state === "degraded" ? cause : ""}`;
          return this.#result("workers", "fail", reason, values);
        }
        if (state === "ready") return this.#result("workers", "pass", count, values);
        return this.#result("workers", "warn", `the pool is degraded; ${count}${cause}`, values);
      }
      default:
        return state satisfies never;
    }
  }

  #crashRate(now: number): HealthCheck {
    const { crashWindowMs, maxCrashes: configured } = this.#thresholds;
    while (this.#crashes[0] !== undefined && this.#crashes[0] <= now - crashWindowMs) this.#crashes.shift();
    const crashes = this.#crashes.length;
    const maxCrashes = configured ?? Math.max(10, 2 * this.#pool.maxSize);
    const values = { crashes, maxCrashes, crashWindowMs };
    const reason = `${crashes} ${crashes === 1 ? "worker has" : "workers have"} crashed within ${crashWindowMs} ms`;
    if (crashes <= maxCrashes) return this.#result("crashes", "pass", reason, values);
    return this.#result("crashes", "fail", `${reason}, at most ${maxCrashes} may`, values);
  }

  #queue(): HealthCheck {
    const { maxQueueDelayMs } = this.#thresholds;
    const { queued } = this.#pool.stats();
    const delayMs = Math.round(this.#pool.queueDelayMs());
    const values = { queued, delayMs, ...(Number.isFinite(maxQueueDelayMs) && { maxQueueDelayMs }) };
    const reason = `the oldest of ${queued} queued calls has waited ${delayMs} ms`;
    if (delayMs > maxQueueDelayMs) {
      return this.#result("queue", "fail", `${reason}, at most ${maxQueueDelayMs} ms are allowed`, values);
    }
    return this.#result("queue", "pass", queued === 0 ? "no call is queued" : reason, values);
  }

  #result(
    check: "workers" | "crashes" | "queue",
    status: HealthCheck["status"],
    reason: string,
    values: HealthCheck["values"],
  ): HealthCheck {
    const pool = this.#pool.name;
    return { name: `pool.${pool}.${check}`, status, reason, pool, values };
  }
}

function firstLine({ message }: SnakepitError): string {
  return maskUrlSecrets(message).split("\n", 1).join();
}
