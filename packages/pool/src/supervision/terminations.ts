import type { SnakepitError } from "@snakepit/core";
import type { PoolWorker } from "../calls/call.ts";
import { cutByClosing, retiredWith } from "../calls/call-errors.ts";
import type { ErrorOfCall } from "../scheduling/admission.ts";
import type { Scheduler } from "../scheduling/scheduler.ts";
import type { DrainReason, StopReason } from "./slot-state.ts";
import type { WorkerSlot } from "./worker-slot.ts";

/** Stops workers: with a grace period for their calls, or at once. */
export class Terminations {
  readonly #scheduler: Scheduler;
  readonly #shutdownGraceMs: number;

  /** @param shutdownGraceMs how long a worker without calls may take to exit. */
  constructor(scheduler: Scheduler, shutdownGraceMs: number) {
    this.#scheduler = scheduler;
    this.#shutdownGraceMs = shutdownGraceMs;
  }

  /** Stops a worker after its calls, at most `graceMs` from now. Can be called again. */
  retire(slot: WorkerSlot, why: DrainReason, graceMs: number): void {
    const { state } = slot;
    if (state.is === "ready" || state.is === "draining") this.#drain(slot, state.worker, why, graceMs);
  }

  /** Stops a worker of a closing pool after its calls, at most `graceMs` from now, or aborts its start. */
  stopForClose(slot: WorkerSlot, graceMs: number, reason: SnakepitError): void {
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

  /** Aborts the launch or the delay of a slot without a worker. */
  abandon(slot: WorkerSlot, reason: SnakepitError): void {
    const { state } = slot;
    if (state.is !== "starting" && state.is !== "backoff") return;
    slot.apply({ is: "stop", why: "closing" });
    if (state.is === "starting") state.launch.abort(reason);
  }

  /** Handles the last answer of a draining worker. */
  drained(slot: WorkerSlot): void {
    if (slot.state.is !== "draining") return;
    const { worker, why, limit } = slot.state;
    this.#end(slot, worker, why, limit.remainingMs);
  }

  /** Handles the end of the grace period of a draining worker. */
  graceEnded(slot: WorkerSlot): void {
    if (slot.state.is !== "draining") return;
    const { worker, why } = slot.state;
    const [stuck] = worker.unresponsive;
    this.kill(slot, worker, why, why === "closing" ? cutByClosing : (call) => retiredWith(call, stuck));
  }

  /** Kills a worker; its remaining calls fail with the error that `errorOf` returns. */
  kill(slot: WorkerSlot, worker: PoolWorker, why: StopReason, errorOf?: ErrorOfCall): void {
    if (errorOf !== undefined) this.#scheduler.disown(worker, errorOf);
    this.#stop(slot, worker, why, 0);
  }

  #drain(slot: WorkerSlot, worker: PoolWorker, why: DrainReason, graceMs: number): void {
    this.#scheduler.detach(worker);
    slot.apply({ is: "drain", why, graceMs });
    if (worker.load === 0) this.#end(slot, worker, why, graceMs);
  }

  /** Stops a worker without calls, within `graceMs`. */
  #end(slot: WorkerSlot, worker: PoolWorker, why: DrainReason, graceMs: number): void {
    // The grace period for the calls of a replaced worker may be infinite.
    const mostMs = why === "closing" ? graceMs : Math.min(graceMs, this.#shutdownGraceMs);
    this.#stop(slot, worker, why, mostMs);
  }

  #stop(slot: WorkerSlot, worker: PoolWorker, why: StopReason, graceMs: number): void {
    slot.apply({ is: "stop", why });
    // An unresponsive worker reports its stacks to the log.
    void worker.handle.stop({ graceMs, ...(why === "unresponsive" && { reportStacks: true }) });
  }
}
