import { GLOBAL_SCOPE } from "@snakepit/core";
import type { SessionRow } from "../../database/tables.ts";
import type { Statement } from "../statement.ts";

/** A session, whether it lives or is over. */
export const readSession: Statement<{ readonly id: string }, SessionRow> = {
  name: "read-session",
  repeatable: true,
  build: (db, { id }) => db.selectFrom("sessions").selectAll().where("id", "=", id).where("id", "<>", GLOBAL_SCOPE),
};
