import { GLOBAL_SCOPE } from "@snakepit/core";
import { sql } from "kysely";
import type { SessionRow } from "../../database/tables.ts";
import type { Statement } from "../statement.ts";

/** Changes a session that lives and has the version that is expected. */
export const writeSession: Statement<
  {
    readonly id: string;
    readonly version: number;
    readonly metadata: string;
    readonly ttlMs: number;
    readonly now: number;
  },
  SessionRow
> = {
  name: "write-session",
  // The second time it would have another version.
  repeatable: false,
  build: (db, { id, version, metadata, ttlMs, now }) =>
    db
      .updateTable("sessions")
      .set((eb) => ({
        version: eb("version", "+", eb.lit(1)),
        metadata,
        ttl_ms: ttlMs,
        expires_at: sql`used_at + cast(${ttlMs} as double precision)`,
      }))
      .where("id", "=", id)
      .where("id", "<>", GLOBAL_SCOPE)
      .where("version", "=", version)
      .where("expires_at", ">", now)
      .returningAll(),
};
