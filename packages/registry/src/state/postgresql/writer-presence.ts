/** The numbers of the connections with which hosts may write state. They are assigned in ascending order. */
export interface Writers {
  /** The number that was assigned last. */
  readonly last: number;
  /** The numbers of the open connections. */
  readonly connected: ReadonlySet<number>;
}

/** The limit of new connections since the last check. Above it, a lost writer is assumed. */
const MAX_NEW = 1_000;

/**
 * Detects that a writer has disconnected. A host sends a notification after each commit, so only a host that dies or
 * loses its connections in between leaves changes without a notification. After its last connection has ended it cannot
 * commit, so later reads are up to date.
 */
export class WriterPresence {
  #known: ReadonlySet<number> = new Set();
  #last: number | undefined;

  /** Whether a writer has disconnected since the last check. The first check returns false. */
  hasLostWriter({ last, connected }: Writers): boolean {
    const appeared = this.#last === undefined ? [] : numbersBetween(this.#last, last);
    const isLost = appeared === undefined || [...this.#known, ...appeared].some((number) => !connected.has(number));
    // A connection that has a number but no lock yet is expected at the next check.
    this.#known = new Set([...connected, ...(appeared ?? [])]);
    this.#last = last;
    return isLost;
  }
}

/**
 * Returns the numbers after `first` up to `last`; `undefined` when there are too many or the sequence has wrapped
 * around.
 */
function numbersBetween(first: number, last: number): readonly number[] | undefined {
  if (last < first || last - first > MAX_NEW) return undefined;
  return Array.from({ length: last - first }, (_, index) => first + 1 + index);
}
