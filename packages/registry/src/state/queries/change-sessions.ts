import { GLOBAL_SCOPE } from "@snakepit/core";
import { type Expression, sql } from "kysely";
import type { SessionRow } from "../../database/schema.ts";
import { floatMember, jsonRowsOf, textMember } from "./json-rows.ts";
import type { StatementQuery } from "./statement-query.ts";

/** Updates an active session if it has the expected version. */
export const writeSession: StatementQuery<
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
  // A repetition would find another version.
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

/** A use of a session as the parameters of a statement. */
export type SessionUseRow = {
  readonly id: string;
  readonly usedAt: number;
  /** Null keeps the current value. */
  readonly lastWorker: string | null;
};

/**
 * Records a use of a session. {@link touchSessions} with one session would do the same, but on PostgreSQL it takes so
 * much longer that the benchmark `sessions-postgresql` falls to three quarters.
 */
export const touchSession: StatementQuery<SessionUseRow, unknown> = {
  name: "touch-session",
  repeatable: true,
  build: (db, { id, usedAt, lastWorker }, { withoutWaitingForDisk }) =>
    db
      .updateTable("sessions")
      .set((eb) => ({
        used_at: usedAt,
        expires_at: sql<number>`cast(${usedAt} as double precision) + ttl_ms`,
        last_worker: eb.fn.coalesce(eb.cast<string | null>(lastWorker, "text"), "last_worker"),
      }))
      .where("id", "=", id)
      .where("id", "<>", GLOBAL_SCOPE)
      .where("used_at", "<=", usedAt)
      .where("expires_at", ">", usedAt)
      // When a power failure loses a use, the session only expires a little earlier.
      .where(withoutWaitingForDisk),
};

/** Records uses of sessions; each ID occurs once. */
export const touchSessions: StatementQuery<{ readonly uses: string }, unknown> = {
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
      // When a power failure loses a use, the session only expires a little earlier.
      .where(withoutWaitingForDisk),
};

/** Deletes a session and its entries. Returns the time of expiry. */
export const deleteSession: StatementQuery<{ readonly id: string }, Pick<SessionRow, "expires_at">> = {
  name: "delete-session",
  // A repetition would not find it.
  repeatable: false,
  build: (db, { id }) =>
    db.deleteFrom("sessions").where("id", "=", id).where("id", "<>", GLOBAL_SCOPE).returning("expires_at"),
};

/** Deletes the sessions that expired first, and their entries. */
export const sweepSessions: StatementQuery<{ readonly now: number; readonly limit: number }, { readonly id: string }> =
  {
    name: "sweep-sessions",
    // A repetition would not find them.
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
            // Hosts that sweep at the same time do not wait for each other.
            .$if(writersOverlap, (query) => query.forUpdate().skipLocked()),
        )
        .where("expires_at", "<=", now)
        .returning("id"),
  };

/** Returns the time of use and of expiry after a use at a time; an earlier time than the last use changes nothing. */
export function usedAt(time: Expression<number>) {
  const latest = sql<number>`case when sessions.used_at > ${time} then sessions.used_at else ${time} end`;
  return { used_at: latest, expires_at: sql<number>`${latest} + sessions.ttl_ms` };
}
