import { GLOBAL_SCOPE } from "@snakepit/core";
import { sql } from "kysely";
import type { SessionRow } from "../../database/tables.ts";
import type { Statement } from "../statement.ts";
import { usedAt } from "../used-at.ts";

/** A session that lives, which then counts as used. */
export const findSession: Statement<{ readonly id: string; readonly now: number }, SessionRow> = {
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
