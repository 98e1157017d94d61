import { GLOBAL_SCOPE } from "@snakepit/core";
import { sql } from "kysely";
import type { Statement } from "../statement.ts";

/** A use as the parameters of a statement. */
export type SessionUseRow = {
  readonly id: string;
  readonly usedAt: number;
  /** Null leaves it as it is. */
  readonly lastWorker: string | null;
};

/** Writes down that a session was used. */
export const touchSession: Statement<SessionUseRow, unknown> = {
  name: "touch-session",
  repeatable: true,
  build: (db, { id, usedAt, lastWorker }, { withoutWaitingForDisk }) =>
    db
      .updateTable("sessions")
      .set((eb) => ({
        used_at: usedAt,
        expires_at: sql<number>`cast(${usedAt} as double precision) + ttl_ms`,
        last_worker: eb.fn.coalesce(eb.cast<string | null>(lastWorker, "text"), "last_worker"),
      }))
      .where("id", "=", id)
      .where("id", "<>", GLOBAL_SCOPE)
      .where("used_at", "<=", usedAt)
      .where("expires_at", ">", usedAt)
      // A use that a power cut takes back costs a session a little of its time.
      .where(withoutWaitingForDisk),
};
