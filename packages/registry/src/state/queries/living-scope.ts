import type { Statement } from "../statement.ts";

/** A row when the scope lives. */
export const livingScope: Statement<{ readonly scope: string; readonly now: number }, unknown> = {
  name: "living-scope",
  repeatable: true,
  build: (db, { scope, now }) =>
    db.selectFrom("sessions").select("id").where("id", "=", scope).where("expires_at", ">", now),
};
