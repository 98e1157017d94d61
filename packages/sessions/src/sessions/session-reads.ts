/** A read of a session from the store that is in progress. */
interface SessionRead {
  /** How many changes or ends were reported during the read. If any, the result may be outdated. */
  changes: number;
}

/** The reads in progress. A result is not trusted if the session changed during its read. */
export class SessionReads {
  readonly #reads = new Map<string, Set<SessionRead>>();

  /** Reads a session and counts the changes that were reported during the read. */
  async run<Result>(
    id: string,
    read: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly changes: number }> {
    const current: SessionRead = { changes: 0 };
    const others = this.#reads.get(id);
    const reads = others ?? new Set();
    if (others === undefined) this.#reads.set(id, reads);
    reads.add(current);
    try {
      const result = await read();
      return { result, changes: current.changes };
    } finally {
      reads.delete(current);
      if (reads.size === 0) this.#reads.delete(id);
    }
  }

  /** A session has changed or ended. */
  changed(id: string): void {
    for (const read of this.#reads.get(id) ?? []) read.changes += 1;
  }

  /** Everything may have changed. */
  everythingChanged(): void {
    for (const id of this.#reads.keys()) this.changed(id);
  }
}
