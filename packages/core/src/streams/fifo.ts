/** A queue in a growing ring buffer: removing the first item takes constant time. */
export class Fifo<Item> {
  #ring: (Item | undefined)[] = new Array<Item | undefined>(8).fill(undefined);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: Item): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#length) & (this.#ring.length - 1)] = item;
    this.#length += 1;
  }

  /** Removes and returns the first item; `undefined` if the queue is empty. */
  shift(): Item | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#first];
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#length -= 1;
    return item;
  }

  peek(): Item | undefined {
    return this.#ring[this.#first];
  }

  clear(): void {
    this.#ring.fill(undefined);
    this.#first = 0;
    this.#length = 0;
  }

  #grow(): void {
    const items = [...this.#ring.slice(this.#first), ...this.#ring.slice(0, this.#first)];
    this.#ring = items.concat(new Array<Item | undefined>(items.length).fill(undefined));
    this.#first = 0;
  }
}
