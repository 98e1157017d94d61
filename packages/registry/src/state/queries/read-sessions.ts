import { GLOBAL_SCOPE, type SessionRecord } from "@snakepit/core";
import type { SessionRow } from "../../database/tables.ts";
import type { Statement } from "../statement.ts";

/** A session, active or expired. */
export const readSession: Statement<{ readonly id: string }, SessionRow> = {
  name: "read-session",
  repeatable: true,
  build: (db, { id }) => db.selectFrom("sessions").selectAll().where("id", "=", id).where("id", "<>", GLOBAL_SCOPE),
};

/** Sessions that live, by id, after this one. The global scope, which has the lowest id, is after none. */
export const listSessions: Statement<
  { readonly after: string; readonly limit: number; readonly now: number },
  SessionRow
> = {
  name: "list-sessions",
  repeatable: true,
  build: (db, { after, limit, now }) =>
    db
      .selectFrom("sessions")
      .selectAll()
      .where("id", ">", after)
      .where("expires_at", ">", now)
      .orderBy("id")
      .limit(limit),
};

/** Counts the active and the expired sessions. */
export const countSessions: Statement<{ readonly now: number }, { readonly active: number; readonly expired: number }> =
  {
    name: "count-sessions",
    repeatable: true,
    build: (db, { now }) =>
      db
        .selectFrom("sessions")
        .select((eb) => [
          eb.fn.countAll<number>().filterWhere("expires_at", ">", now).as("active"),
          eb.fn.countAll<number>().filterWhere("expires_at", "<=", now).as("expired"),
        ])
        .where("id", "<>", GLOBAL_SCOPE),
  };

/** How many sessions live, and a ticket that is lower than those of all that will be made. Only while no others are made. */
export const countForQuota: Statement<{ readonly now: number }, { readonly active: number; readonly ticket: number }> =
  {
    name: "count-for-quota",
    repeatable: true,
    build: (db, { now }, { sessionTicket }) =>
      db
        .selectFrom("sessions")
        .select((eb) => [eb.fn.countAll<number>().as("active"), sessionTicket.as("ticket")])
        .where("expires_at", ">", now)
        .where("id", "<>", GLOBAL_SCOPE),
  };

/** A session as the rest of Snakepit knows it. */
export function sessionOf(row: SessionRow): SessionRecord {
  return {
    id: row.id,
    version: row.version,
    metadata: JSON.parse(row.metadata) as SessionRecord["metadata"],
    createdAt: row.created_at,
    usedAt: row.used_at,
    ttlMs: row.ttl_ms,
    expiresAt: row.expires_at,
    lastWorker: row.last_worker ?? undefined,
  };
}
