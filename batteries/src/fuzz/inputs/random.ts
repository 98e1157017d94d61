/** A seeded pseudo-random generator (mulberry32): the same seed always produces the same numbers. */
export class Random {
  #state: number;

  /** @param seed 32 bits. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns the next 32 bits. */
  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** Returns an integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * limit);
  }

  /** Returns `true` with a probability of one in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let index = 0; index < length; index++) bytes[index] = this.uint32();
    return bytes;
  }
}

/**
 * Returns the seed of one input, so that it can be generated again without those before it.
 *
 * @param seed the seed of the run.
 * @param target the name of the target.
 * @param index the number of the input.
 */
export function seedOfInput(seed: number, target: string, index: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  for (let at = 0; at < target.length; at++) hash = Math.imul(hash ^ target.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ index, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
