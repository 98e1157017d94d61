import { type Deadline, startTimer } from "@snakepit/core";

/** Something that waits for a moment. The links belong to the wheel. */
export interface Expiring {
  /** When it is due, in whole milliseconds of the wheel's own time. */
  dueTick: number;
  previousDue: Expiring | undefined;
  nextDue: Expiring | undefined;
  /** The moment has come; the entry is no longer in the wheel. */
  expired(now: number): void;
}

const BUCKETS = 64;
/** The last level reaches 64⁵ ms, about twelve days; what is due later is looked at once in that time. */
const LEVELS = 5;

/**
 * Moments of any number of entries on one timer, exact to the millisecond: a hierarchical timing wheel (Varghese and
 * Lauck, 1987). Adding and removing are O(1) and allocate nothing, so a call that ends in time never costs a timer.
 * Level n holds what is due within 64ⁿ⁺¹ ms in 64 buckets of 64ⁿ ms; when a bucket's time begins, its entries expire
 * or move to a finer level.
 */
export class ExpiryWheel {
  readonly #buckets: readonly Bucket[] = Array.from({ length: BUCKETS * LEVELS }, () => new Bucket());
  readonly #origin = performance.now();
  /** Milliseconds since the origin up to which buckets have been emptied. */
  #tick = 0;
  /** Tick at which the timer fires; no bucket that holds anything begins before it. */
  #wakeTick = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** Adds an entry that is in no wheel, to expire at `dueAt`; `Infinity` is never. */
  add(entry: Expiring, dueAt: Deadline, now: number): void {
    if (dueAt === Number.POSITIVE_INFINITY) return;
    entry.dueTick = Math.ceil(dueAt - this.#origin);
    // Before the timer fires every bucket passed by is empty, so the wheel may simply be turned on.
    const tick = Math.floor(now - this.#origin);
    if (tick < this.#wakeTick && tick > this.#tick) this.#tick = tick;
    const begins = this.#place(entry);
    if (begins < this.#wakeTick) this.#wakeAt(begins, now);
  }

  /** Removes an entry; one that is not in the wheel is left alone. */
  remove(entry: Expiring): void {
    const { previousDue, nextDue } = entry;
    if (previousDue === undefined || nextDue === undefined) return;
    previousDue.nextDue = nextDue;
    nextDue.previousDue = previousDue;
    entry.previousDue = undefined;
    entry.nextDue = undefined;
  }

  /** Stops the timer. Entries do not expire any more. */
  close(): void {
    clearTimeout(this.#timer);
    for (const bucket of this.#buckets) {
      for (let entry = bucket.nextDue; entry !== bucket; entry = bucket.nextDue) this.remove(entry);
    }
    this.#wakeTick = Number.POSITIVE_INFINITY;
  }

  /** Puts an entry into its bucket and returns the tick at which that begins. */
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
    this.#timer = startTimer(this.#turn, Math.max(1, Math.ceil(this.#origin + tick - now)));
  }

  readonly #turn = (): void => {
    const now = performance.now();
    const from = this.#tick;
    this.#tick = Math.max(from, Math.floor(now - this.#origin));
    // What expires may add entries: the wheel must not be turned on below this loop, and the timer is set after it.
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
    // In a list of its own: an entry that is not due yet may belong into this very bucket, one turn later.
    const entries = new Bucket();
    entries.takeAll(bucket);
    for (let entry = entries.nextDue; entry !== entries; entry = entries.nextDue) {
      this.remove(entry);
      if (entry.dueTick <= this.#tick) entry.expired(now);
      else this.#place(entry);
    }
  }

  /** Tick at which the next bucket that holds anything begins. */
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

/** The fixed point of a circular list. */
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
