import { SnakepitError } from "@snakepit/core";
import type { Roster } from "../supervision/roster.ts";
import type { Terminations } from "../supervision/terminations.ts";
import type { WorkerSlot } from "../supervision/worker-slot.ts";
import type { Recycler } from "./recycler.ts";

/** Adapts the number of slots to the size of the pool. Surplus workers finish their calls before they are stopped. */
export class Resizer {
  readonly #pool: string;
  readonly #roster: Roster;
  readonly #terminations: Terminations;
  readonly #recycler: Recycler;
  readonly #surplus = new Set<WorkerSlot>();
  #graceMs = Number.POSITIVE_INFINITY;

  constructor(pool: string, roster: Roster, terminations: Terminations, recycler: Recycler) {
    this.#pool = pool;
    this.#roster = roster;
    this.#terminations = terminations;
    this.#recycler = recycler;
  }

  /**
   * Changes the intended number of workers; {@link reconcile} adds or removes them.
   *
   * @param graceMs milliseconds that the calls of surplus workers may continue.
   */
  resize(size: number, graceMs: number): void {
    this.#roster.size = size;
    this.#graceMs = graceMs;
  }

  /** Resolves when all workers that are surplus now have exited. */
  async surplusGone(): Promise<void> {
    await Promise.all(Array.from(this.#surplus, (slot) => slot.worker?.handle.exited));
  }

  /** Adds the missing slots, begins to stop surplus workers, and removes the slots of those that have exited. */
  reconcile(): void {
    this.#removeVacant();
    const counted = this.#roster.slots.filter((slot) => !this.#surplus.has(slot) && !this.#recycler.isExtra(slot));
    const missing = this.#roster.size - counted.length;
    for (let added = 0; added < missing; added += 1) this.#roster.add();
    if (missing >= 0) return;
    const reason = noLongerNeeded(this.#pool);
    for (const slot of counted.sort(byUsefulness).slice(0, -missing)) {
      this.#surplus.add(slot);
      this.#recycler.cancel(slot, reason);
      this.#terminations.retire(slot, "surplus", this.#graceMs);
      this.#terminations.abandon(slot, reason);
    }
    this.#removeVacant();
  }

  #removeVacant(): void {
    for (const slot of this.#surplus) {
      if (slot.state.is !== "dead") continue;
      this.#surplus.delete(slot);
      this.#roster.remove(slot);
    }
  }
}

/** Sorts slots without a worker first, then workers with few calls and sessions, and the newest first. */
function byUsefulness(one: WorkerSlot, other: WorkerSlot): number {
  const [a, b] = [usefulness(one), usefulness(other)];
  for (const [index, value] of a.entries()) if (value !== b[index]) return value - (b[index] as number);
  return 0;
}

function usefulness({ state, worker }: WorkerSlot): readonly number[] {
  if (worker === undefined) return [state.is === "starting" ? 1 : 0, 0, 0, 0];
  if (state.is !== "ready") return [2, 0, 0, 0];
  return [3, worker.load, worker.sessions.size, worker.beganAt];
}

function noLongerNeeded(pool: string): SnakepitError {
  return new SnakepitError("CANCELLED", `no further worker is started, because pool "${pool}" was made smaller`);
}
