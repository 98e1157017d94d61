/** A look at a session in the store that is under way. */
interface SessionLook {
  /** How often it was heard meanwhile that the session has changed or is over: then what was seen may be old. */
  changes: number;
}

/** Which sessions are being looked at, so that what was seen is not believed when it changed meanwhile. */
export class SessionLooks {
  readonly #looks = new Map<string, Set<SessionLook>>();

  /** Looks, and says what was heard of the session until the answer was there. */
  async at<Seen>(id: string, look: () => Promise<Seen>): Promise<{ readonly seen: Seen; readonly changes: number }> {
    const mine: SessionLook = { changes: 0 };
    const others = this.#looks.get(id);
    const looks = others ?? new Set();
    if (others === undefined) this.#looks.set(id, looks);
    looks.add(mine);
    try {
      const seen = await look();
      return { seen, changes: mine.changes };
    } finally {
      looks.delete(mine);
      if (looks.size === 0) this.#looks.delete(id);
    }
  }

  /** A session has changed, or is over. */
  changed(id: string): void {
    for (const look of this.#looks.get(id) ?? []) look.changes += 1;
  }

  /** Everything may have changed. */
  everythingChanged(): void {
    for (const id of this.#looks.keys()) this.changed(id);
  }
}
