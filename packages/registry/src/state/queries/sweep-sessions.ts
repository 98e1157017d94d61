import type { Statement } from "../statement.ts";

/** Deletes the sessions that have been over for longest, and what belongs to them. */
export const sweepSessions: Statement<{ readonly now: number; readonly limit: number }, { readonly id: string }> = {
  name: "sweep-sessions",
  // The second time they would not be there.
  repeatable: false,
  build: (db, { now, limit }, { writersOverlap }) =>
    db
      .deleteFrom("sessions")
      .where("id", "in", (eb) =>
        eb
          .selectFrom("sessions")
          .select("id")
          .where("expires_at", "<=", now)
          .orderBy("expires_at")
          .limit(limit)
          // Of several hosts that sweep, none waits for another.
          .$if(writersOverlap, (query) => query.forUpdate().skipLocked()),
      )
      .where("expires_at", "<=", now)
      .returning("id"),
};
