import { type Deadline, runAfterReading, startTimer } from "@snakepit/core";

/** An entry of an {@link ExpiryWheel}. Only the wheel changes the links. */
export interface Expiring {
  /** When the entry is due, in whole milliseconds of the wheel's clock. */
  dueTick: number;
  previousDue: Expiring | undefined;
  nextDue: Expiring | undefined;
  /**
   * Called when the entry is due; it is no longer in the wheel. `lateMs` is how many milliseconds ago it was due: many
   * after this process was stopped or its event loop was blocked.
   */
  expired(now: number, lateMs: number): void;
}

const BUCKETS = 64;
/** The last level covers 64⁵ ms, about twelve days; an entry that is due later is checked once per turn. */
const LEVELS = 5;

/**
 * Expires any number of entries with one timer and millisecond precision: a hierarchical timing wheel (Varghese and
 * Lauck, 1987). Adding and removing are O(1) and allocate nothing, so a call that ends in time needs no timer.
 * Level n contains entries that are due within 64ⁿ⁺¹ ms, in 64 buckets of 64ⁿ ms; when the time of a bucket begins, its
 * entries expire or move to a finer level.
 */
export class ExpiryWheel {
  readonly #buckets: readonly Bucket[] = Array.from({ length: BUCKETS * LEVELS }, () => new Bucket());
  readonly #origin = performance.now();
  /** Milliseconds since the origin; buckets up to this time are empty. */
  #tick = 0;
  /** The tick at which the timer fires; all buckets before it are empty. */
  #wakeTick = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #reading: NodeJS.Immediate | undefined;

  /** Adds an entry that is in no wheel, to expire at `dueAt`; `Infinity` for never. */
  add(entry: Expiring, dueAt: Deadline, now: number): void {
    if (dueAt === Number.POSITIVE_INFINITY) return;
    entry.dueTick = Math.ceil(dueAt - this.#origin);
    // All buckets before the timer are empty, so the wheel can advance without processing them.
    const tick = Math.floor(now - this.#origin);
    if (tick < this.#wakeTick && tick > this.#tick) this.#tick = tick;
    const begins = this.#place(entry);
    if (begins < this.#wakeTick) this.#wakeAt(begins, now);
  }

  /** Removes an entry; does nothing if it is not in the wheel. */
  remove(entry: Expiring): void {
    const { previousDue, nextDue } = entry;
    if (previousDue === undefined || nextDue === undefined) return;
    previousDue.nextDue = nextDue;
    nextDue.previousDue = previousDue;
    entry.previousDue = undefined;
    entry.nextDue = undefined;
  }

  /** Stops the timer. Entries no longer expire. */
  close(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#reading);
    for (const bucket of this.#buckets) {
      for (let entry = bucket.nextDue; entry !== bucket; entry = bucket.nextDue) this.remove(entry);
    }
    this.#wakeTick = Number.POSITIVE_INFINITY;
  }

  /** Puts an entry into its bucket and returns the first tick of that bucket. */
  #place(entry: Expiring): number {
    let tick = Math.max(entry.dueTick, this.#tick + 1);
    let span = 1;
    let level = 0;
    while (level < LEVELS - 1 && tick - this.#tick >= span * BUCKETS) {
      span *= BUCKETS;
      level += 1;
    }
    tick = Math.min(tick, this.#tick + span * (BUCKETS - 1));
    const turn = Math.floor(tick / span);
    const bucket = this.#bucket(level, turn);
    const last = bucket.previousDue;
    entry.previousDue = last;
    entry.nextDue = bucket;
    last.nextDue = entry;
    bucket.previousDue = entry;
    return turn * span;
  }

  #wakeAt(tick: number, now: number): void {
    clearTimeout(this.#timer);
    this.#wakeTick = tick;
    this.#timer = startTimer(this.#onTimer, Math.max(1, Math.ceil(this.#origin + tick - now)));
  }

  readonly #onTimer = (): void => {
    // An entry whose answer has arrived meanwhile does not expire.
    this.#reading = runAfterReading(performance.now() - (this.#origin + this.#wakeTick), this.#turn);
  };

  readonly #turn = (): void => {
    const now = performance.now();
    const from = this.#tick;
    this.#tick = Math.max(from, Math.floor(now - this.#origin));
    // Expired entries may add others: the wheel must not advance during this loop, and the timer is set after it.
    this.#wakeTick = Number.NEGATIVE_INFINITY;
    for (let level = 0, span = 1; level < LEVELS; level++, span *= BUCKETS) {
      const last = Math.floor(this.#tick / span);
      const first = Math.max(Math.floor(from / span) + 1, last - BUCKETS + 1);
      for (let turn = first; turn <= last; turn++) this.#empty(this.#bucket(level, turn), now);
    }
    this.#wakeTick = this.#nextTick();
    if (this.#wakeTick !== Number.POSITIVE_INFINITY) this.#wakeAt(this.#wakeTick, performance.now());
  };

  #empty(bucket: Bucket, now: number): void {
    if (bucket.nextDue === bucket) return;
    // Moved to a separate list: an entry that is not due yet may return to this bucket for the next turn.
    const entries = new Bucket();
    entries.takeAll(bucket);
    for (let entry = entries.nextDue; entry !== entries; entry = entries.nextDue) {
      this.remove(entry);
      if (entry.dueTick <= this.#tick) entry.expired(now, now - this.#origin - entry.dueTick);
      else this.#place(entry);
    }
  }

  /** Returns the first tick of the next bucket that is not empty. */
  #nextTick(): number {
    let next = Number.POSITIVE_INFINITY;
    for (let level = 0, span = 1; level < LEVELS; level++, span *= BUCKETS) {
      const current = Math.floor(this.#tick / span);
      for (let turn = current + 1; turn <= current + BUCKETS && turn * span < next; turn++) {
        const bucket = this.#bucket(level, turn);
        if (bucket.nextDue !== bucket) next = turn * span;
      }
    }
    return next;
  }

  #bucket(level: number, turn: number): Bucket {
    return this.#buckets[level * BUCKETS + (turn % BUCKETS)] as Bucket;
  }
}

/** The sentinel of a circular list. */
class Bucket implements Expiring {
  dueTick = 0;
  previousDue: Expiring = this;
  nextDue: Expiring = this;

  takeAll(other: Bucket): void {
    this.nextDue = other.nextDue;
    this.previousDue = other.previousDue;
    this.nextDue.previousDue = this;
    this.previousDue.nextDue = this;
    other.nextDue = other;
    other.previousDue = other;
  }

  expired(): void {}
}
