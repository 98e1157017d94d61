import { type Instrumentation, newCorrelationId, type SnakepitError, toSnakepitError } from "@snakepit/core";
import type { PoolWorker } from "../calls/call.ts";
import type { PoolOptions } from "../pool-options.ts";
import type { Scheduler } from "../scheduling/scheduler.ts";
import type { Roster } from "../supervision/roster.ts";
import type { WorkerSlot } from "../supervision/worker-slot.ts";
import { IdleTimes } from "./idle-times.ts";

/**
 * Checks idle workers by a call, one worker after another, so that almost all of them stay available. A worker that
 * does not answer is killed like one that does not stop a cancelled call; one whose check fails is replaced.
 */
export class HealthChecks {
  readonly #options: PoolOptions;
  readonly #roster: Roster;
  readonly #scheduler: Scheduler;
  readonly #instrumentation: Instrumentation;
  readonly #replace: (slot: WorkerSlot, worker: PoolWorker) => void;
  readonly #idleTimes = new IdleTimes();
  #isChecking = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param replace replaces a worker whose check has failed. */
  constructor(
    options: PoolOptions,
    roster: Roster,
    scheduler: Scheduler,
    instrumentation: Instrumentation,
    replace: (slot: WorkerSlot, worker: PoolWorker) => void,
  ) {
    this.#options = options;
    this.#roster = roster;
    this.#scheduler = scheduler;
    this.#instrumentation = instrumentation;
    this.#replace = replace;
  }

  /** Starts the checks, if there is an interval. */
  start(): void {
    const { intervalMs } = this.#options.healthCheck;
    if (intervalMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setInterval(() => void this.#checkIdle(), intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #checkIdle(): Promise<void> {
    const now = performance.now();
    const due = this.#roster.slots.filter(
      ({ state }) => state.is === "ready" && this.#idleTimes.observe(state.worker, now) > 0,
    );
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      for (const slot of due) await this.#check(slot);
    } finally {
      this.#isChecking = false;
    }
  }

  async #check(slot: WorkerSlot): Promise<void> {
    const { state } = slot;
    if (this.#timer === undefined || state.is !== "ready" || state.worker.load > 0) return;
    const { worker } = state;
    const { healthCheck, noArguments: args } = this.#options;
    const { timeoutMs, tool = worker.handle.checkTool } = healthCheck;
    if (tool === undefined || args === undefined) return;
    const correlationId = newCorrelationId();
    const call = { tool, args, deadline: performance.now() + timeoutMs, correlationId };
    try {
      await this.#scheduler.check(worker, call);
      this.#idleTimes.restart(worker, performance.now());
    } catch (thrown) {
      this.#failed(slot, worker, toSnakepitError(thrown));
    }
  }

  #failed(slot: WorkerSlot, worker: PoolWorker, error: SnakepitError): void {
    // The worker has ended, or the pool is closing.
    if (this.#timer === undefined || slot.worker !== worker || !worker.accepting) return;
    const { workerId } = worker.handle;
    this.#instrumentation.emit("worker.unhealthy", { pool: this.#options.name, workerId, error });
    this.#replace(slot, worker);
  }
}
