import { GLOBAL_SCOPE } from "@snakepit/core";
import { sql } from "kysely";
import type { SessionRow } from "../../database/schema.ts";
import { usedAt } from "./change-sessions.ts";
import type { StatementQuery } from "./statement-query.ts";

/** The values of a new session. */
export type NewSession = {
  readonly id: string;
  readonly generation: string;
  /** JSON. */
  readonly metadata: string;
  readonly ttlMs: number;
  readonly now: number;
};

/**
 * Creates a session if its new ticket is not higher than `lastTicket`. An active session with the same ID is returned
 * instead, and counts as used. An expired one blocks the ID.
 */
export const insertSession: StatementQuery<NewSession & { readonly lastTicket: number }, SessionRow> = {
  name: "insert-session",
  // The creator recognizes the generation that it has chosen.
  repeatable: true,
  build: (db, input, { sessionTicket }) =>
    db
      .with(
        (cte) => cte("drawn").materialized(),
        (query) => query.selectNoFrom(sessionTicket.as("ticket")),
      )
      .insertInto("sessions")
      .columns(["id", "generation", "version", "metadata", "created_at", "used_at", "ttl_ms", "expires_at"])
      .expression((eb) =>
        eb
          .selectFrom("drawn")
          .select([
            eb.cast<string>(input.id, "text").as("id"),
            eb.cast<string>(input.generation, "text").as("generation"),
            eb.lit(1).as("version"),
            eb.cast<string>(input.metadata, "text").as("metadata"),
            eb.cast<number>(input.now, "double precision").as("created_at"),
            eb.cast<number>(input.now, "double precision").as("used_at"),
            eb.cast<number>(input.ttlMs, "double precision").as("ttl_ms"),
            sql<number>`cast(${input.now} as double precision) + cast(${input.ttlMs} as double precision)`.as(
              "expires_at",
            ),
          ])
          .where("drawn.ticket", "<=", eb.cast<number>(input.lastTicket, "bigint")),
      )
      .onConflict((conflict) =>
        conflict
          .column("id")
          .doUpdateSet(usedAt(sql.ref("excluded.used_at")))
          .whereRef("sessions.expires_at", ">", "excluded.used_at"),
      )
      .returningAll(),
};

/** Returns an active session, which then counts as used. */
export const findSession: StatementQuery<{ readonly id: string; readonly now: number }, SessionRow> = {
  name: "find-session",
  repeatable: true,
  build: (db, { id, now }) =>
    db
      .updateTable("sessions")
      .set(usedAt(sql`cast(${now} as double precision)`))
      .where("id", "=", id)
      .where("id", "<>", GLOBAL_SCOPE)
      .where("expires_at", ">", now)
      .returningAll(),
};

/** Waits for hosts that are creating sessions, and blocks new ones until the transaction ends. */
export const stopNewSessions: StatementQuery<Record<never, never>, unknown> = {
  name: "stop-new-sessions",
  repeatable: true,
  build: (db, _, { stopNewSessions: stop }) => db.selectNoFrom(stop.as("stopped")),
};

/** Deletes an expired session, so that a new one can use its ID. */
export const deleteExpiredSession: StatementQuery<{ readonly id: string; readonly now: number }, unknown> = {
  name: "delete-expired-session",
  repeatable: true,
  build: (db, { id, now }) =>
    db.deleteFrom("sessions").where("id", "=", id).where("id", "<>", GLOBAL_SCOPE).where("expires_at", "<=", now),
};
