import { GLOBAL_SCOPE } from "@snakepit/core";
import { type Expression, sql } from "kysely";
import type { SessionRow } from "../../database/tables.ts";
import { floatMember, jsonRowsOf, textMember } from "../../queries/json-rows.ts";
import type { Statement } from "../statement.ts";

/** Changes a session that lives and has the version that is expected. */
export const writeSession: Statement<
  {
    readonly id: string;
    readonly version: number;
    readonly metadata: string;
    readonly ttlMs: number;
    readonly now: number;
  },
  SessionRow
> = {
  name: "write-session",
  // The second time it would have another version.
  repeatable: false,
  build: (db, { id, version, metadata, ttlMs, now }) =>
    db
      .updateTable("sessions")
      .set((eb) => ({
        version: eb("version", "+", eb.lit(1)),
        metadata,
        ttl_ms: ttlMs,
        expires_at: sql`used_at + cast(${ttlMs} as double precision)`,
      }))
      .where("id", "=", id)
      .where("id", "<>", GLOBAL_SCOPE)
      .where("version", "=", version)
      .where("expires_at", ">", now)
      .returningAll(),
};

/** A use as the parameters of a statement. */
export type SessionUseRow = {
  readonly id: string;
  readonly usedAt: number;
  /** Null leaves it as it is. */
  readonly lastWorker: string | null;
};

/** Records that sessions were used; each id once. */
export const touchSessions: Statement<{ readonly uses: string }, unknown> = {
  name: "touch-sessions",
  repeatable: true,
  build: (db, { uses }, { withoutWaitingForDisk }) =>
    db
      .with(
        (cte) => cte("uses").materialized(),
        (query) =>
          query
            .selectFrom(jsonRowsOf(uses).as("entry"))
            .select([
              textMember("id").as("id"),
              floatMember("usedAt").as("used_at"),
              textMember("lastWorker").as("last_worker"),
            ]),
      )
      .updateTable("sessions")
      .from("uses")
      .set((eb) => ({
        used_at: eb.ref("uses.used_at"),
        expires_at: eb("uses.used_at", "+", eb.ref("sessions.ttl_ms")),
        last_worker: eb.fn.coalesce("uses.last_worker", "sessions.last_worker"),
      }))
      .whereRef("sessions.id", "=", "uses.id")
      .where("sessions.id", "<>", GLOBAL_SCOPE)
      .whereRef("sessions.used_at", "<=", "uses.used_at")
      .whereRef("sessions.expires_at", ">", "uses.used_at")
      // A use that a power cut takes back costs a session a little of its time.
      .where(withoutWaitingForDisk),
};

/** Deletes a session with its entries. Returns its time of expiry. */
export const deleteSession: Statement<{ readonly id: string }, Pick<SessionRow, "expires_at">> = {
  name: "delete-session",
  // The second time it would not be there.
  repeatable: false,
  build: (db, { id }) =>
    db.deleteFrom("sessions").where("id", "=", id).where("id", "<>", GLOBAL_SCOPE).returning("expires_at"),
};

/** Deletes the sessions that expired first, with their entries. */
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

/** What changes of a session that is used at a time, if it was not used later: when it was used, and when it expires. */
export function usedAt(time: Expression<number>) {
  const latest = sql<number>`case when sessions.used_at > ${time} then sessions.used_at else ${time} end`;
  return { used_at: latest, expires_at: sql<number>`${latest} + sessions.ttl_ms` };
}
