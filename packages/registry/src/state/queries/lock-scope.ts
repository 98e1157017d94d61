import type { Statement } from "../statement.ts";

/** Keeps a scope that lives from being deleted until the transaction is over. Only where writers overlap. */
export const lockScope: Statement<{ readonly scope: string; readonly now: number }, unknown> = {
  name: "lock-scope",
  repeatable: true,
  build: (db, { scope, now }) =>
    db.selectFrom("sessions").select("id").where("id", "=", scope).where("expires_at", ">", now).forKeyShare(),
};
