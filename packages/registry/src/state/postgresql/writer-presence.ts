/** The connections with which any host may write state: their numbers, which are given in order. */
export interface Writers {
  /** The number that was given last. */
  readonly last: number;
  /** The numbers of those that are connected. */
  readonly connected: ReadonlySet<number>;
}

/** More new connections than this since the last look are not looked at one by one. */
const MOST_NEW = 1_000;

/**
 * Notices that a writer has disconnected. A host sends its changes after they are committed; only a host that dies in
 * between, or loses its connections, leaves changes without a notification. It cannot commit anything when the last
 * of its connections is gone, so reads from then on are up to date.
 */
export class WriterPresence {
  #known: ReadonlySet<number> = new Set();
  #last: number | undefined;

  /** Returns whether a writer has disconnected since the last check; the first check returns false. */
  hasLostOne({ last, connected }: Writers): boolean {
    const appeared = this.#last === undefined ? [] : numbersBetween(this.#last, last);
    const isLost = appeared === undefined || [...this.#known, ...appeared].some((number) => !connected.has(number));
    // One that has its number and is not connected yet is waited for until the next look.
    this.#known = new Set([...connected, ...(appeared ?? [])]);
    this.#last = last;
    return isLost;
  }
}

/** The numbers after `first` up to `last`; `undefined` when they are too many, or have started over. */
function numbersBetween(first: number, last: number): readonly number[] | undefined {
  if (last < first || last - first > MOST_NEW) return undefined;
  return Array.from({ length: last - first }, (_, index) => first + 1 + index);
}
