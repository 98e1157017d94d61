/** A read of a session from the store that is in progress. */
interface SessionRead {
  /** How often the session was reported as changed or ended meanwhile: then what was read may be outdated. */
  changes: number;
}

/** The reads in progress, so that a result is not trusted when the session changed meanwhile. */
export class SessionReads {
  readonly #reads = new Map<string, Set<SessionRead>>();

  /** Reads a session, and counts the changes that were reported until the result arrived. */
  async run<Result>(
    id: string,
    read: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly changes: number }> {
    const mine: SessionRead = { changes: 0 };
    const others = this.#reads.get(id);
    const reads = others ?? new Set();
    if (others === undefined) this.#reads.set(id, reads);
    reads.add(mine);
    try {
      const result = await read();
      return { result, changes: mine.changes };
    } finally {
      reads.delete(mine);
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
