import { GLOBAL_SCOPE } from "@snakepit/core";
import type { SessionRow } from "../../database/tables.ts";
import type { Statement } from "../statement.ts";

/** Deletes a session, and what belongs to it. Says when it expired or would have. */
export const deleteSession: Statement<{ readonly id: string }, Pick<SessionRow, "expires_at">> = {
  name: "delete-session",
  // The second time it would not be there.
  repeatable: false,
  build: (db, { id }) =>
    db.deleteFrom("sessions").where("id", "=", id).where("id", "<>", GLOBAL_SCOPE).returning("expires_at"),
};
