import type { PoolWorker } from "../calls/call.ts";
import type { CodeVersion } from "../lifecycle/code-version.ts";
import type { RunningCall } from "../pool-occupancy.ts";
import type { PoolStats, WorkerInfo } from "../pool-stats.ts";
import { RETRY_NOW, type SlotState } from "./slot-state.ts";
import { type SlotOwner, WorkerSlot } from "./worker-slot.ts";

/** The slots of a pool and their counts. */
export class Roster {
  /** The intended number of workers. */
  size: number;
  readonly #owner: SlotOwner;
  #slots: readonly WorkerSlot[];

  constructor(size: number, owner: SlotOwner) {
    this.size = size;
    this.#owner = owner;
    this.#slots = Array.from({ length: size }, () => new WorkerSlot(owner));
  }

  /** One slot per worker of the pool, and one more per replacement; the oldest first. */
  get slots(): readonly WorkerSlot[] {
    return this.#slots;
  }

  /** Maximum number of workers that are replaced at the same time: a quarter, so that enough take calls meanwhile. */
  get replaceableAtOnce(): number {
    return Math.max(1, Math.floor(this.size / 4));
  }

  /** Whether a slot has no ready worker, except slots whose worker has been replaced or is surplus. */
  get isIncomplete(): boolean {
    return this.#slots.some(({ state }) => state.is !== "ready" && !isLeaving(state));
  }

  /**
   * Adds a slot whose worker may start at once.
   *
   * @param version the code that its worker runs, if it is not that of the pool.
   */
  add(version?: CodeVersion): WorkerSlot {
    const slot = new WorkerSlot(this.#owner, RETRY_NOW, version);
    this.#slots = [...this.#slots, slot];
    return slot;
  }

  /** Removes a slot, if it is still in the roster. */
  remove(slot: WorkerSlot): void {
    this.#slots = this.#slots.filter((each) => each !== slot);
  }

  /** Returns the slot of a running worker. */
  slotOf(workerId: string): WorkerSlot | undefined {
    return this.slots.find(({ worker }) => worker?.handle.workerId === workerId);
  }

  /** Returns the number of workers that are ready, or starting. */
  count(state: "ready" | "starting"): number {
    let count = 0;
    for (const slot of this.slots) if (slot.state.is === state) count += 1;
    return count;
  }

  /** Returns every running worker. */
  alive(): PoolWorker[] {
    return this.slots.flatMap(({ worker }) => worker ?? []);
  }

  counts(): Pick<PoolStats, "size" | "workers" | "busy" | "starting" | "active"> {
    let [workers, busy, active] = [0, 0, 0];
    for (const { load } of this.alive()) {
      workers += 1;
      active += load;
      if (load > 0) busy += 1;
    }
    return { size: this.size, workers, busy, starting: this.count("starting"), active };
  }

  /** Returns the calls of the workers that accept further calls. */
  running(): RunningCall[] {
    return this.alive().flatMap(({ accepting, active, handle: { workerId } }) =>
      accepting ? Array.from(active, ({ correlationId }) => ({ correlationId, workerId })) : [],
    );
  }

  workers(): WorkerInfo[] {
    const now = performance.now();
    const infos: WorkerInfo[] = [];
    for (const { state } of this.slots) {
      if (!("worker" in state)) continue;
      const { worker } = state;
      const { handle, load, readyAt, requests, sessions } = worker;
      const { workerId: id, pid, capacity, vitals, profile } = handle;
      infos.push({
        id,
        pid,
        state: state.is,
        load,
        capacity,
        profile,
        ageMs: now - readyAt,
        requests,
        sessions: sessions.size,
        rssBytes: vitals?.rssBytes,
        activity: activityOf(worker),
        sinceProgressMs: vitals && now - vitals.receivedAt + vitals.lastProgressMs,
      });
    }
    return infos;
  }
}

function activityOf({ handle, active }: PoolWorker): WorkerInfo["activity"] {
  if (handle.isSilent) return "stuck";
  for (const { state } of active) if (state.is === "abandoned") return "stuck";
  return active.length > 0 ? "busy" : "idle";
}

/** Whether a worker is being stopped and no other one will take its slot. */
function isLeaving(state: SlotState): boolean {
  if (state.is !== "draining" && state.is !== "stopping") return false;
  return state.why === "recycled" || state.why === "surplus";
}
