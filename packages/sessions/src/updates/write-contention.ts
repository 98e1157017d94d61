import { setTimeout as sleep } from "node:timers/promises";
import type { SnakepitError } from "@snakepit/core";
import type { Reservation, WriteTurns } from "./write-turns.ts";

/** The maximum number of attempts of a write that conflicts with others. */
const MAX_ATTEMPTS = 100;
/** Attempts without a delay: most writes conflict at most once. */
const IMMEDIATE_ATTEMPTS = 3;
const MAX_DELAY_MS = 20;
/** The time limit in milliseconds of the first reservation of an update. */
const FIRST_RESERVATION_MS = 100;
/** The number of reservations whose time limit is twice the previous one; the last of them is 12.8 s. */
const GROWING_RESERVATIONS = 8;

/** The attempts of a write that conflicts with other writers. */
export class WriteAttempts {
  readonly #tooMany: (attempts: number) => SnakepitError;
  #failed = 0;

  /** @param tooMany returns the error after the last attempt, given their number. */
  constructor(tooMany: (attempts: number) => SnakepitError) {
    this.#tooMany = tooMany;
  }

  /**
   * Records a conflict and waits before the next attempt: exponential back-off with full jitter, so that a writer with
   * slow attempts is not always last.
   *
   * @returns whether it waited, so that the last known entry may be stale.
   * @throws SnakepitError the error of the constructor after a hundred attempts.
   */
  async failed(): Promise<boolean> {
    this.#failed += 1;
    if (this.#failed === MAX_ATTEMPTS) throw this.#tooMany(MAX_ATTEMPTS);
    return await waitAfterConflicts(this.#failed);
  }

  /** The number of conflicts so far. */
  get failures(): number {
    return this.#failed;
  }
}

/**
 * Waits for the turn of an update of another process and reserves what it changes: until the reservation is released,
 * other writes of this host to it wait. It is released by a time limit too.
 *
 * @param key from `turnOf`.
 * @param conflicts the number of attempts of the update that have failed; with it, the time limit and the delay grow.
 * @param signal releases the reservation, also while it is queued.
 * @throws SnakepitError `CANCELLED` when the signal aborts before its turn.
 */
export async function reserveAfterConflicts(
  turns: WriteTurns,
  key: string,
  conflicts: number,
  signal: AbortSignal,
): Promise<Reservation> {
  const reservation = await turns.reserve(key, { limitMs: reservationLimitMs(conflicts), signal });
  // The conflicts were with other hosts: those of this one have waited.
  await waitAfterConflicts(conflicts);
  return reservation;
}

/**
 * Waits before the next attempt: exponential back-off with full jitter.
 *
 * @returns whether it waited; after the first conflicts it does not.
 */
async function waitAfterConflicts(conflicts: number): Promise<boolean> {
  if (conflicts <= IMMEDIATE_ATTEMPTS) return false;
  await sleep(Math.random() * Math.min(2 ** (conflicts - IMMEDIATE_ATTEMPTS), MAX_DELAY_MS));
  return true;
}

/**
 * Returns the time limit in milliseconds of the reservation for the attempt after this many conflicts. It doubles, so
 * that a slow function completes; after that it is short again, so that a function which waits for another writer does
 * not delay all writers for long.
 */
export function reservationLimitMs(conflicts: number): number {
  const doublings = conflicts <= GROWING_RESERVATIONS ? Math.max(conflicts - 1, 0) : 0;
  return FIRST_RESERVATION_MS * 2 ** doublings;
}
