/** A count of the active sessions, taken while no session was created. */
export interface SessionCount {
  /** How many there were. */
  readonly active: number;
  /** Sessions that were made since have higher tickets. */
  readonly ticket: number;
  /** The time that it goes by. */
  readonly now: number;
}

/**
 * How many sessions may be created without counting. Each draws a ticket from a sequence that all hosts share, so a
 * ticket bounds how many can have been created since the last count, by any host; sessions that have ended meanwhile
 * only leave more room. So sessions are counted when the room is used up: seldom where there is much of it, always at
 * the quota.
 */
export class SessionAllowance {
  #count: SessionCount | undefined;

  /** Returns the highest ticket with which a session may be created; `undefined` when the active sessions must be counted. */
  lastTicket(maxSessions: number, now: number): number | undefined {
    const count = this.#count;
    // At an earlier time more may live.
    if (count === undefined || now < count.now || maxSessions <= count.active) return undefined;
    return Math.min(count.ticket + maxSessions - count.active, Number.MAX_SAFE_INTEGER);
  }

  renew(count: SessionCount): void {
    this.#count = count;
  }
}
