/** An item of an {@link ExpiryQueue}. */
export interface Expiring {
  readonly expiresAt: number;
  /** The position in the queue. Only the queue changes this and `queuedFor`. Initially -1. */
  queuePosition: number;
  queuedFor: number;
}

const NOT_QUEUED = -1;

/**
 * Finds expired items without checking all of them: a binary heap by expiry. If the expiry of an item is extended, the
 * item moves only when its old expiry is reached, so a use does not move it.
 */
export class ExpiryQueue<Item extends Expiring> {
  readonly #heap: Item[] = [];
  readonly #expired = new Set<Item>();
  #now = Number.NEGATIVE_INFINITY;

  /** Returns the items that have expired at this time. */
  expiredAt(now: number): ReadonlySet<Item> {
    const isSetBack = now < this.#now;
    this.#now = now;
    if (isSetBack) this.#requeue();
    for (let next = this.#heap[0]; next !== undefined && next.queuedFor <= now; next = this.#heap[0]) {
      this.#unqueue(next);
      this.add(next);
    }
    return this.#expired;
  }

  add(item: Item): void {
    if (item.expiresAt <= this.#now) this.#expired.add(item);
    else if (item.expiresAt < Number.POSITIVE_INFINITY) this.#queue(item);
  }

  delete(item: Item): void {
    if (item.queuePosition === NOT_QUEUED) this.#expired.delete(item);
    else this.#unqueue(item);
  }

  /** Updates the position of an item whose expiry has changed. */
  changed(item: Item): void {
    if (item.queuePosition !== NOT_QUEUED && item.queuedFor <= item.expiresAt) return;
    this.delete(item);
    this.add(item);
  }

  clear(): void {
    this.#heap.length = 0;
    this.#expired.clear();
  }

  /** Returns items to the queue that have not expired after the clock was set back. */
  #requeue(): void {
    for (const item of this.#expired) {
      if (item.expiresAt <= this.#now) continue;
      this.#expired.delete(item);
      this.add(item);
    }
  }

  #queue(item: Item): void {
    item.queuedFor = item.expiresAt;
    this.#siftUp(item, this.#heap.length);
  }

  #unqueue(item: Item): void {
    const position = item.queuePosition;
    item.queuePosition = NOT_QUEUED;
    const last = this.#heap.pop();
    if (last === undefined || last === item) return;
    if (position > 0 && last.queuedFor < this.#at(parentOf(position)).queuedFor) this.#siftUp(last, position);
    else this.#siftDown(last, position);
  }

  /** Puts an item at a free position, or moves it up until its parent expires no later. */
  #siftUp(item: Item, from: number): void {
    let position = from;
    while (position > 0) {
      const parent = this.#at(parentOf(position));
      if (parent.queuedFor <= item.queuedFor) break;
      this.#put(parent, position);
      position = parentOf(position);
    }
    this.#put(item, position);
  }

  /** Puts an item at a free position, or moves it down until its children expire no earlier. */
  #siftDown(item: Item, from: number): void {
    let position = from;
    for (;;) {
      let child = 2 * position + 1;
      if (child >= this.#heap.length) break;
      if (child + 1 < this.#heap.length && this.#at(child + 1).queuedFor < this.#at(child).queuedFor) child += 1;
      if (item.queuedFor <= this.#at(child).queuedFor) break;
      this.#put(this.#at(child), position);
      position = child;
    }
    this.#put(item, position);
  }

  #put(item: Item, position: number): void {
    this.#heap[position] = item;
    item.queuePosition = position;
  }

  #at(position: number): Item {
    return this.#heap[position] as Item;
  }
}

function parentOf(position: number): number {
  return (position - 1) >>> 1;
}
