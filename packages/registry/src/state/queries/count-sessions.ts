import { GLOBAL_SCOPE } from "@snakepit/core";
import type { Statement } from "../statement.ts";

/** How many sessions live, and how many are over. */
export const countSessions: Statement<{ readonly now: number }, { readonly live: number; readonly expired: number }> = {
  name: "count-sessions",
  repeatable: true,
  build: (db, { now }) =>
    db
      .selectFrom("sessions")
      .select((eb) => [
        eb.fn.countAll<number>().filterWhere("expires_at", ">", now).as("live"),
        eb.fn.countAll<number>().filterWhere("expires_at", "<=", now).as("expired"),
      ])
      .where("id", "<>", GLOBAL_SCOPE),
};
