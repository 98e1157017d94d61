/** A count of the active sessions, taken while no session was created. */
export interface SessionCount {
  /** The number of active sessions. */
  readonly active: number;
  /** A ticket below those of all later sessions. */
  readonly ticket: number;
  /** The time of the count. */
  readonly now: number;
}

/**
 * Determines how many sessions may be created without counting. Each new session draws a ticket from a sequence that
 * all hosts share, so a ticket limits the number of sessions that any host can have created since the last count.
 * Sessions that have ended in the meantime only leave more room. Sessions are counted again when the room is used up:
 * rarely far below the quota, always at the quota.
 */
export class SessionAllowance {
  #count: SessionCount | undefined;

  /**
   * Returns the highest ticket with which a session may be created; `undefined` when the active sessions must be
   * counted.
   */
  lastTicket(maxSessions: number, now: number): number | undefined {
    const count = this.#count;
    // At an earlier time, more sessions may be active.
    if (count === undefined || now < count.now || maxSessions <= count.active) return undefined;
    return Math.min(count.ticket + maxSessions - count.active, Number.MAX_SAFE_INTEGER);
  }

  renew(count: SessionCount): void {
    this.#count = count;
  }
}
