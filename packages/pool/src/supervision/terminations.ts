import { remainingMs, type SnakepitError } from "@snakepit/core";
import type { PoolWorker } from "../calls/call.ts";
import { recycledWith, shuttingDown } from "../calls/call-errors.ts";
import type { Refusal } from "../scheduling/admission.ts";
import type { Scheduler } from "../scheduling/scheduler.ts";
import type { DrainReason, StopReason } from "./slot-state.ts";
import type { WorkerSlot } from "./worker-slot.ts";

/** How workers go: with time for their calls, or at once. */
export class Terminations {
  readonly #scheduler: Scheduler;
  readonly #shutdownGraceMs: number;

  /** @param shutdownGraceMs how long a worker without calls may take to end by itself. */
  constructor(scheduler: Scheduler, shutdownGraceMs: number) {
    this.#scheduler = scheduler;
    this.#shutdownGraceMs = shutdownGraceMs;
  }

  /** The worker of a slot has been replaced: it finishes its calls for `graceMs` and goes. May be called again. */
  retire(slot: WorkerSlot, graceMs: number): void {
    const { state } = slot;
    if (state.is === "ready" || state.is === "draining") this.#drain(slot, state.worker, "recycled", graceMs);
  }

  /** The pool closes: the worker of a slot finishes its calls for `graceMs` and goes, or its start is given up. */
  dismiss(slot: WorkerSlot, graceMs: number, reason: SnakepitError): void {
    const { state } = slot;
    switch (state.is) {
      case "starting":
      case "backoff":
      case "dead":
        this.abandon(slot, reason);
        return;
      case "ready":
      case "draining":
        this.#drain(slot, state.worker, "closing", graceMs);
        return;
      case "stopping":
        void state.worker.handle.stop({ graceMs });
        return;
      default:
        state satisfies never;
    }
  }

  /** Gives up what a slot without a worker is about to do. */
  abandon(slot: WorkerSlot, reason: SnakepitError): void {
    const { state } = slot;
    if (state.is !== "starting" && state.is !== "backoff") return;
    slot.apply({ is: "stop", why: "closing" });
    if (state.is === "starting") state.launch.abort(reason);
  }

  /** A worker that drains has answered its last call. */
  drained(slot: WorkerSlot): void {
    if (slot.state.is !== "draining") return;
    const { worker, why, until } = slot.state;
    this.#end(slot, worker, why, remainingMs(until));
  }

  /** The calls of a worker that drains have had their time. */
  graceOver(slot: WorkerSlot): void {
    if (slot.state.is !== "draining") return;
    const { worker, why } = slot.state;
    this.kill(slot, worker, why, why === "closing" ? shuttingDown : recycledWith);
  }

  /** Ends a worker at once; its calls, unless they have failed already, get the error that `errorOf` returns. */
  kill(slot: WorkerSlot, worker: PoolWorker, why: StopReason, errorOf?: Refusal): void {
    if (errorOf !== undefined) this.#scheduler.disown(worker, errorOf);
    this.#stop(slot, worker, why, 0);
  }

  #drain(slot: WorkerSlot, worker: PoolWorker, why: DrainReason, graceMs: number): void {
    this.#scheduler.detach(worker);
    slot.apply({ is: "drain", why, graceMs });
    if (worker.load === 0) this.#end(slot, worker, why, graceMs);
  }

  /** Stops a worker that has no calls; it may use the time to end by itself. */
  #end(slot: WorkerSlot, worker: PoolWorker, why: DrainReason, graceMs: number): void {
    // What is left for the calls of one that was replaced may be endless.
    const mostMs = why === "closing" ? graceMs : Math.min(graceMs, this.#shutdownGraceMs);
    this.#stop(slot, worker, why, mostMs);
  }

  #stop(slot: WorkerSlot, worker: PoolWorker, why: StopReason, graceMs: number): void {
    slot.apply({ is: "stop", why });
    // It did not react: what held it is worth a line in the log.
    void worker.handle.stop({ graceMs, ...(why === "unresponsive" && { reportStacks: true }) });
  }
}
