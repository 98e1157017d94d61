/** Numbers that depend only on a seed and a name, so that a run can be repeated. */
export class Random {
  #state: number;

  /** @param name decorrelates the numbers of several generators with the same seed. */
  constructor(seed: number, name = "") {
    this.#state = seed >>> 0;
    for (const character of name) this.#state = (Math.imul(this.#state, 31) + character.charCodeAt(0)) >>> 0;
  }

  /** Returns a number from 0 to 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns an integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Returns an element of an array that has some. */
  one<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new Error("an element cannot be chosen from an empty array");
    return items[this.below(items.length)] as Item;
  }

  /** Returns the elements in a random order. */
  shuffled<Item>(items: readonly Item[]): Item[] {
    const keyed = items.map((item) => ({ item, key: this.next() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  }
}
