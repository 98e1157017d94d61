import { GLOBAL_SCOPE } from "@snakepit/core";
import type { Statement } from "../statement.ts";

/** How many sessions live, and a ticket that is lower than those of all that will be made. Only while no others are made. */
export const countForQuota: Statement<{ readonly now: number }, { readonly live: number; readonly ticket: number }> = {
  name: "count-for-quota",
  repeatable: true,
  build: (db, { now }, { sessionTicket }) =>
    db
      .selectFrom("sessions")
      .select((eb) => [eb.fn.countAll<number>().as("live"), sessionTicket.as("ticket")])
      .where("expires_at", ">", now)
      .where("id", "<>", GLOBAL_SCOPE),
};
