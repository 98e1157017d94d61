import type { SessionRow } from "../../database/tables.ts";
import type { Statement } from "../statement.ts";

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
