import { GLOBAL_SCOPE } from "@snakepit/core";
import type { Statement } from "../statement.ts";

/** Deletes a session that is over, so that there can be a new one with its id. */
export const forgetSessionOver: Statement<{ readonly id: string; readonly now: number }, unknown> = {
  name: "forget-session-over",
  repeatable: true,
  build: (db, { id, now }) =>
    db.deleteFrom("sessions").where("id", "=", id).where("id", "<>", GLOBAL_SCOPE).where("expires_at", "<=", now),
};
