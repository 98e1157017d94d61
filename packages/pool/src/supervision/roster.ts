import type { PoolStats, WorkerInfo } from "../pool-stats.ts";
import type { PoolWorker } from "../scheduling/pool-worker.ts";
import { type SlotOwner, WorkerSlot } from "./worker-slot.ts";

/** The slots of a pool, and what can be counted in them. */
export class Roster {
  readonly slots: readonly WorkerSlot[];

  constructor(size: number, owner: SlotOwner) {
    this.slots = Array.from({ length: size }, () => new WorkerSlot(owner));
  }

  /** Workers that the pool is to have. */
  get wanted(): number {
    return this.slots.length;
  }

  /** How many workers are ready, or being started. */
  count(state: "ready" | "starting"): number {
    let count = 0;
    for (const slot of this.slots) if (slot.state.is === state) count += 1;
    return count;
  }

  /** Every worker that is alive. */
  alive(): PoolWorker[] {
    return this.slots.flatMap(({ worker }) => worker ?? []);
  }

  census(): Pick<PoolStats, "wanted" | "workers" | "busy" | "starting" | "active"> {
    let [workers, busy, active] = [0, 0, 0];
    for (const { load } of this.alive()) {
      workers += 1;
      active += load;
      if (load > 0) busy += 1;
    }
    return { wanted: this.wanted, workers, busy, starting: this.count("starting"), active };
  }

  workers(): WorkerInfo[] {
    const now = performance.now();
    const infos: WorkerInfo[] = [];
    for (const { state } of this.slots) {
      if (!("worker" in state)) continue;
      const { handle, load, readyAt, requests } = state.worker;
      const { workerId: id, pid, capacity, vitals } = handle;
      const ageMs = now - readyAt;
      infos.push({ id, pid, state: state.is, load, capacity, ageMs, requests, rssBytes: vitals?.rssBytes });
    }
    return infos;
  }
}
