import { GLOBAL_SCOPE } from "@snakepit/core";
import { floatMember, jsonRowsOf, textMember } from "../../queries/json-rows.ts";
import type { Statement } from "../statement.ts";

/** Writes down that sessions were used; each id once. */
export const touchSessions: Statement<{ readonly uses: string }, unknown> = {
  name: "touch-sessions",
  repeatable: true,
  build: (db, { uses }, { withoutWaitingForDisk }) =>
    db
      .with(
        (cte) => cte("uses").materialized(),
        (query) =>
          query
            .selectFrom(jsonRowsOf(uses).as("entry"))
            .select([
              textMember("id").as("id"),
              floatMember("usedAt").as("used_at"),
              textMember("lastWorker").as("last_worker"),
            ]),
      )
      .updateTable("sessions")
      .from("uses")
      .set((eb) => ({
        used_at: eb.ref("uses.used_at"),
        expires_at: eb("uses.used_at", "+", eb.ref("sessions.ttl_ms")),
        last_worker: eb.fn.coalesce("uses.last_worker", "sessions.last_worker"),
      }))
      .whereRef("sessions.id", "=", "uses.id")
      .where("sessions.id", "<>", GLOBAL_SCOPE)
      .whereRef("sessions.used_at", "<=", "uses.used_at")
      .whereRef("sessions.expires_at", ">", "uses.used_at")
      // A use that a power cut takes back costs a session a little of its time.
      .where(withoutWaitingForDisk),
};
