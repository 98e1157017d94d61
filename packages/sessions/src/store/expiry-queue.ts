/** What can be in an {@link ExpiryQueue}. */
export interface Expiring {
  readonly expiresAt: number;
  /** Where it is in the queue; the queue's own affair, like `queuedFor`. -1 at first. */
  queuePosition: number;
  queuedFor: number;
}

const NOT_QUEUED = -1;

/**
 * Finds the expired ones of many items without a check of each: a binary heap by expiry. An item that is used again,
 * and so expires later, keeps its place until that comes up, and is moved then: so a use costs nothing here.
 */
export class ExpiryQueue<Item extends Expiring> {
  readonly #heap: Item[] = [];
  readonly #over = new Set<Item>();
  #now = Number.NEGATIVE_INFINITY;

  /** The items that are over at this time. */
  overAt(now: number): ReadonlySet<Item> {
    const isSetBack = now < this.#now;
    this.#now = now;
    if (isSetBack) this.#reconsider();
    for (let next = this.#heap[0]; next !== undefined && next.queuedFor <= now; next = this.#heap[0]) {
      this.#unqueue(next);
      this.add(next);
    }
    return this.#over;
  }

  add(item: Item): void {
    if (item.expiresAt <= this.#now) this.#over.add(item);
    else if (item.expiresAt < Number.POSITIVE_INFINITY) this.#queue(item);
  }

  delete(item: Item): void {
    if (item.queuePosition === NOT_QUEUED) this.#over.delete(item);
    else this.#unqueue(item);
  }

  /** An item's time has changed. */
  changed(item: Item): void {
    if (item.queuePosition !== NOT_QUEUED && item.queuedFor <= item.expiresAt) return;
    this.delete(item);
    this.add(item);
  }

  clear(): void {
    this.#heap.length = 0;
    this.#over.clear();
  }

  /** The clock was set back: some are not over yet. */
  #reconsider(): void {
    for (const item of this.#over) {
      if (item.expiresAt <= this.#now) continue;
      this.#over.delete(item);
      this.add(item);
    }
  }

  #queue(item: Item): void {
    item.queuedFor = item.expiresAt;
    this.#rise(item, this.#heap.length);
  }

  #unqueue(item: Item): void {
    const position = item.queuePosition;
    item.queuePosition = NOT_QUEUED;
    const last = this.#heap.pop();
    if (last === undefined || last === item) return;
    if (position > 0 && last.queuedFor < this.#at(parentOf(position)).queuedFor) this.#rise(last, position);
    else this.#sink(last, position);
  }

  /** Puts an item at a free position or above, where what is above is due before it. */
  #rise(item: Item, from: number): void {
    let position = from;
    while (position > 0) {
      const parent = this.#at(parentOf(position));
      if (parent.queuedFor <= item.queuedFor) break;
      this.#put(parent, position);
      position = parentOf(position);
    }
    this.#put(item, position);
  }

  /** Puts an item at a free position or below, where what is below is due after it. */
  #sink(item: Item, from: number): void {
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
