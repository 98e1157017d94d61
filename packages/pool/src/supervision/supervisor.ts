import {
  type Instrumentation,
  type PoolState,
  SnakepitError,
  sizeRange,
  toSnakepitError,
  type WorkerExit,
  type WorkerHandle,
  type WorkerLauncher,
} from "@snakepit/core";
import { PoolWorker } from "../calls/call.ts";
import { crashedWith, killedWith, notReady, shuttingDown, withOrigin } from "../calls/call-errors.ts";
import { checkNewTools } from "../lifecycle/code-version.ts";
import { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { PoolOptions } from "../pool-options.ts";
import type { Scheduler } from "../scheduling/scheduler.ts";
import { ChurnAlert } from "./churn-alert.ts";
import { LaunchPacer, restartDelay } from "./launch-pacer.ts";
import { assess, type PoolHealth } from "./pool-health.ts";
import { Readiness } from "./readiness.ts";
import { RestartIntensity } from "./restart-intensity.ts";
import { Roster } from "./roster.ts";
import { Terminations } from "./terminations.ts";
import { isOverdue, isPermanent, startFailure, startOverdue, workerCrashed } from "./worker-errors.ts";
import type { SlotOwner, WorkerSlot } from "./worker-slot.ts";

/** The minimum milliseconds between a failure and an attempt for a queued call, since the fault probably persists. */
const RETRY_SPACING_MS = 250;

/** Additional milliseconds for the launcher to report a start time-out itself, whose message contains the reason. */
const LAUNCHER_REPORT_GRACE_MS = 1_000;

/** The facts about a launch that its worker keeps. */
interface LaunchFacts {
  readonly since: number;
  readonly answeredBefore: number;
  readonly version: number;
}

/**
 * Keeps the intended number of workers running. Events only change the states of slots; only `#reconcile` compares
 * the slots with the configuration and acts.
 */
export class Supervisor implements SlotOwner {
  readonly roster: Roster;
  readonly lifecycle: Lifecycle;
  /** The number of workers that ended without being asked to, or were killed because of a call. */
  crashed = 0;
  readonly #options: PoolOptions;
  readonly #launcher: WorkerLauncher;
  readonly #scheduler: Scheduler;
  readonly #instrumentation: ChurnAlert;
  readonly #readiness = new Readiness();
  readonly #terminations: Terminations;
  readonly #pacer: LaunchPacer;
  readonly #intensity: RestartIntensity;
  #health: PoolHealth = { is: "idle" };
  /** The latest failure since all workers were ready. */
  #failure: SnakepitError | undefined;
  #everReady = false;
  #startedAt = 0;
  #launches = 0;
  /** The time of the latest failed start or crash. */
  #failedAt = Number.NEGATIVE_INFINITY;
  /** Starts a worker for a queued call. */
  #retryTimer: NodeJS.Timeout | undefined;
  #reported: PoolState = "idle";
  #reconcileQueued = false;
  /** Triggers a reconciliation without an event. */
  #timer: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: PoolOptions, launcher: WorkerLauncher, scheduler: Scheduler, instrumentation: Instrumentation) {
    const { batchSize, batchDelayMs, restart } = options;
    const { min, max } = sizeRange(options.size);
    this.roster = new Roster(min, this);
    this.#options = options;
    this.#launcher = launcher;
    this.#scheduler = scheduler;
    this.#instrumentation = new ChurnAlert(options, instrumentation);
    this.#terminations = new Terminations(scheduler, options.shutdownGraceMs);
    this.lifecycle = new Lifecycle({
      options,
      launcher,
      scheduler,
      roster: this.roster,
      terminations: this.#terminations,
      instrumentation: this.#instrumentation,
      reconcileSoon: () => this.#reconcileSoon(),
    });
    this.#pacer = new LaunchPacer(batchSize, batchDelayMs);
    // Two failures of each worker in the first batch.
    this.#intensity = new RestartIntensity(restart.maxRestarts, restart.withinMs, 2 * Math.min(max, batchSize));
  }

  get state(): PoolState {
    const { is } = this.#health;
    return is === "ready" && this.roster.count("ready") === 0 ? "starting" : is;
  }

  /** Whether another worker is likely to be ready soon. */
  get expectsWorkers(): boolean {
    const slow = this.#health.is === "degraded" && this.#health.slow;
    return !slow && this.roster.isIncomplete;
  }

  /** Handles a queued call: if no worker is ready or starting, ends the delay before the next attempt. */
  callWaits(): void {
    if (this.#retryTimer !== undefined || !this.#pausing) return;
    const waitMs = Math.max(0, this.#failedAt + RETRY_SPACING_MS - performance.now());
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      if (this.#pausing) this.roster.slots.find(({ state }) => state.is === "backoff")?.pauseEnded();
    }, waitMs);
  }

  start(): void {
    if (this.#health.is !== "idle") return;
    this.#health = { is: "starting" };
    this.#startedAt = performance.now();
    this.#scheduler.admission.rejection = undefined;
    this.lifecycle.start();
    this.#reconcile();
  }

  /** Throws if the pool is closing or not started. */
  throwIfClosed(): void {
    if (this.#health.is === "closing") throw closing(this.#options.name);
    if (this.#health.is === "idle") throw notStarted(this.#options.name);
  }

  async ready(timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    const { name: pool } = this.#options;
    switch (this.#health.is) {
      case "idle":
        throw notStarted(pool);
      case "closing":
        throw closing(pool);
      case "starting":
      case "ready":
      case "degraded":
      case "failed":
        if (this.roster.count("ready") >= this.roster.size) return;
        if ("cause" in this.#health) throw withOrigin(this.#health.cause, { pool });
        return await this.#readiness.wait(timeoutMs, signal, () => ({
          pool,
          ready: this.roster.count("ready"),
          size: this.roster.size,
          failure: this.#failure,
        }));
      default:
        this.#health satisfies never;
    }
  }

  close(graceMs: number): Promise<void> {
    this.#health = { is: "closing" };
    clearTimeout(this.#timer);
    clearTimeout(this.#retryTimer);
    this.#report();
    this.#scheduler.rejectCalls(shuttingDown);
    this.#readiness.settle(closing(this.#options.name));
    this.lifecycle.close(closing(this.#options.name));
    for (const slot of this.roster.slots) this.#terminations.stopForClose(slot, graceMs, closing(this.#options.name));
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  lost(slot: WorkerSlot, worker: PoolWorker, error: SnakepitError): void {
    this.#failure = error;
    // Its connection fails the calls one by one; the others fail at its exit.
    this.#terminations.kill(slot, worker, "lost");
  }

  unresponsive(slot: WorkerSlot, worker: PoolWorker): void {
    if (this.lifecycle.replacesUnresponsive(slot, worker)) return;
    // A worker that is being replaced is counted by that.
    if (slot.state.is === "ready") this.#instrumentation.replaced("unresponsive");
    const { cancelGraceMs } = this.#options;
    this.#terminations.kill(slot, worker, "unresponsive", (call) => killedWith(call, cancelGraceMs));
  }

  drained(slot: WorkerSlot): void {
    this.#terminations.drained(slot);
  }

  graceEnded(slot: WorkerSlot): void {
    this.#terminations.graceEnded(slot);
  }

  pauseEnded(slot: WorkerSlot): void {
    slot.apply({ is: "pause-ended" });
    this.#reconcileSoon();
  }

  launchOverdue(slot: WorkerSlot): void {
    if (slot.state.is !== "starting") return;
    const { workerId, launch } = slot.state;
    const error = startOverdue(this.#options.startTimeoutMs, this.#options.name, workerId);
    this.#launchFailed(slot, workerId, error);
    launch.abort(error);
  }

  #launched(slot: WorkerSlot, handle: WorkerHandle, launch: LaunchFacts): void {
    const { workerId, pid } = handle;
    const worker = new PoolWorker(handle, slot, launch.answeredBefore, launch.version);
    slot.apply({ is: "launched", worker });
    this.#everReady = true;
    this.#intensity.started();
    void handle.exited.then((exit) => this.#exited(slot, worker, exit));
    this.#scheduler.attach(worker);
    const durationMs = worker.readyAt - launch.since;
    this.#instrumentation.emit("worker.ready", { pool: this.#options.name, workerId, pid, durationMs });
    this.#reconcileSoon();
  }

  #launchFailed(slot: WorkerSlot, workerId: string, error: SnakepitError): void {
    slot.apply({ is: "launch-failed" });
    if (!this.lifecycle.recycler.startFailed(slot, error)) {
      this.#failure = error;
      this.#failedAt = performance.now();
      this.#intensity.startFailed(this.#failedAt);
    }
    this.#instrumentation.emit("worker.start-failed", { pool: this.#options.name, workerId, error });
    this.#reconcileSoon();
  }

  #exited(slot: WorkerSlot, worker: PoolWorker, exit: WorkerExit): void {
    const { name: pool, restart } = this.#options;
    const { workerId, pid } = worker.handle;
    const now = performance.now();
    const crash = workerCrashed(pool, worker, exit);
    const crashed = slot.state.is === "ready" || (slot.state.is === "stopping" && slot.state.why === "lost");
    if (crashed || (slot.state.is === "stopping" && slot.state.why === "unresponsive")) this.crashed += 1;
    // If the worker answered calls or ran for long, its last call probably caused the exit.
    const useful = worker.answered > 0 || now - worker.readyAt >= restart.withinMs;
    // Its own calls, or those of other workers, show that a worker can start and run.
    const isolated = worker.requests > 0 || this.#scheduler.answered > worker.answeredBefore;
    this.#scheduler.disown(worker, (call) => crashedWith(call, crash), exit);
    slot.apply({ is: "exited", crash: !crashed || useful ? "none" : isolated ? "isolated" : "systematic" });
    if (crashed) this.#failure = crash;
    if (crashed && !useful) this.#failedAt = now;
    if (crashed && !useful) this.#intensity.failed(now);
    this.#instrumentation.emit("worker.exited", { pool, workerId, pid, exit });
    this.#reconcileSoon();
  }

  #reconcileSoon(): void {
    if (this.#reconcileQueued) return;
    this.#reconcileQueued = true;
    queueMicrotask(() => {
      this.#reconcileQueued = false;
      this.#reconcile();
    });
  }

  #reconcile(): void {
    if (this.#health.is === "idle" || this.#health.is === "closing") return;
    const now = performance.now();
    this.lifecycle.reconcile();
    this.#updateHealth(now);
    if (this.#health.is === "failed") {
      this.#report();
      return;
    }
    const slow = this.#health.is === "degraded" && this.#health.slow;
    let starting = this.roster.count("starting");
    const { recycler } = this.lifecycle;
    const { answered } = this.#scheduler;
    let againInMs = Number.POSITIVE_INFINITY;
    for (const slot of this.roster.slots) {
      if (slot.state.is !== "dead") continue;
      const { failures, retryNow } = slot.state;
      const delayMs = retryNow ? 0 : restartDelay(failures, slow, this.#options.backoff, Math.random());
      const waitMs = Math.max(this.#pacer.waitMs(now, starting), recycler.waitMs(slot, now, answered));
      if (delayMs > 0) {
        slot.apply({ is: "pause", delayMs });
      } else if (waitMs > 0) {
        againInMs = Math.min(againInMs, waitMs);
      } else {
        this.#pacer.launched(now);
        recycler.launched(slot, now, answered);
        starting += 1;
        void this.#launch(slot, failures);
      }
    }
    const recoversInMs = this.#intensity.recoversAt() - now;
    if (slow && recoversInMs > 0) againInMs = Math.min(againInMs, recoversInMs);
    // The delays that just began may leave the pool without a ready or starting worker.
    this.#updateHealth(now);
    this.#report();
    if (!this.#scheduler.waiting.isEmpty) this.callWaits();
    clearTimeout(this.#timer);
    if (againInMs !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#reconcile(), againInMs);
  }

  /** Reassesses the health of the pool and reports changes. */
  #updateHealth(now: number): void {
    const { name: pool } = this.#options;
    const { size } = this.roster;
    const ready = this.roster.count("ready");
    const before = this.#health;
    const health = assess(before, {
      size,
      ready,
      pausing: this.#pausing,
      everReady: this.#everReady,
      exceeded: this.#intensity.exceeded(now),
      failure: this.#failure,
      permanent: this.#failure !== undefined && isPermanent(this.#failure),
      overdue: this.#failure !== undefined && isOverdue(this.#failure),
    });
    this.#health = health;
    if (ready >= size) {
      this.#failure = undefined;
      this.#readiness.settle();
    }
    if (health.is === "failed") {
      for (const slot of this.roster.slots) this.#terminations.abandon(slot, health.cause);
      this.#scheduler.rejectCalls((call) => withOrigin(health.cause, { pool, callId: call.correlationId }));
    } else if (health.is === "degraded" && health.slow && ready === 0) {
      this.#scheduler.rejectCalls((call) => (this.#failedJustNow ? notReady(call, health.cause) : undefined));
    } else {
      this.#scheduler.admission.rejection = undefined;
    }
    if (health === before) return;
    if ("cause" in health) {
      this.#readiness.settle(withOrigin(health.cause, { pool }));
      this.#instrumentation.emit("pool.degraded", { pool, cause: health.cause });
    } else if (before.is === "degraded") {
      this.#instrumentation.emit("pool.recovered", { pool });
    } else if (before.is === "starting") {
      this.#instrumentation.emit("pool.ready", { pool, workers: ready, durationMs: now - this.#startedAt });
    }
  }

  /** Whether no worker is ready or starting, and the next attempt is delayed. */
  get #pausing(): boolean {
    const { slots } = this.roster;
    return slots.length > 0 && slots.every(({ state }) => state.is === "backoff");
  }

  /** Whether the latest failure is so recent that another attempt would probably fail too. */
  get #failedJustNow(): boolean {
    return this.roster.count("starting") === 0 && performance.now() < this.#failedAt + RETRY_SPACING_MS;
  }

  #report(): void {
    const { state } = this;
    const from = this.#reported;
    if (state === from) return;
    this.#reported = state;
    this.#instrumentation.emit("pool.state", { pool: this.#options.name, from, to: state });
  }

  async #launch(slot: WorkerSlot, failures: number): Promise<void> {
    const { name: pool, startTimeoutMs } = this.#options;
    this.#launches += 1;
    const workerId = `${pool}-${this.#launches}`;
    const launch = new AbortController();
    const { reloader } = this.lifecycle;
    const { number: version, renewal } = reloader.versionFor(slot);
    const facts = { since: performance.now(), answeredBefore: this.#scheduler.answered, version };
    slot.apply({ is: "launch", workerId, version, launch, timeoutMs: startTimeoutMs + LAUNCHER_REPORT_GRACE_MS });
    this.#instrumentation.emit("worker.starting", { pool, workerId, attempt: failures + 1 });
    let handle: WorkerHandle;
    try {
      const isNew = version !== reloader.version.number;
      handle = await this.#launcher.launch({ workerId, signal: launch.signal, ...(isNew && { renewal }) });
      if (isNew) await checkNewTools(handle, this.#options);
    } catch (thrown) {
      // An aborted launch has already been handled.
      if (!launch.signal.aborted) this.#launchFailed(slot, workerId, startFailure(thrown, pool, workerId));
      return;
    }
    if (launch.signal.aborted) await handle.stop();
    else this.#launched(slot, handle, facts);
  }

  async #finish(): Promise<void> {
    await Promise.all(this.roster.alive().map((worker) => worker.handle.exited));
    this.#scheduler.close();
    try {
      await this.#launcher.close();
    } catch (thrown) {
      throw toSnakepitError(thrown, "INTERNAL", `the launcher of pool "${this.#options.name}" could not be closed`);
    }
  }
}

function notStarted(pool: string): SnakepitError {
  return new SnakepitError("POOL_NOT_READY", `pool "${pool}" is not started; call start()`, { pool });
}

function closing(pool: string): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", `pool "${pool}" is closing; call close() after all else`, { pool });
}
