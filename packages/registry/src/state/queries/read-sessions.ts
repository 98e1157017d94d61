import { GLOBAL_SCOPE } from "@snakepit/core";
import type { SessionRow } from "../../database/schema.ts";
import type { StatementQuery } from "./statement-query.ts";

/** Reads a session, active or expired. */
export const readSession: StatementQuery<{ readonly id: string }, SessionRow> = {
  name: "read-session",
  repeatable: true,
  build: (db, { id }) => db.selectFrom("sessions").selectAll().where("id", "=", id).where("id", "<>", GLOBAL_SCOPE),
};

/** Lists active sessions after an ID, ordered by ID. The global scope has the lowest ID, so it is never included. */
export const listSessions: StatementQuery<
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
export const countSessions: StatementQuery<
  { readonly now: number },
  { readonly active: number; readonly expired: number }
> = {
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

/**
 * Counts the active sessions, and draws a ticket below those of all later sessions. Requires {@link stopNewSessions}.
 */
export const countForQuota: StatementQuery<
  { readonly now: number },
  { readonly active: number; readonly ticket: number }
> = {
  name: "count-for-quota",
  repeatable: true,
  build: (db, { now }, { sessionTicket }) =>
    db
      .selectFrom("sessions")
      .select((eb) => [eb.fn.countAll<number>().as("active"), sessionTicket.as("ticket")])
      .where("expires_at", ">", now)
      .where("id", "<>", GLOBAL_SCOPE),
};
