import { type Expression, type ExpressionWrapper, expressionBuilder, type Kysely, type SqlBool } from "kysely";
import type { Tables } from "../database/tables.ts";

/** Whether a scope lives: a session that is not over, or the global one. */
export function scopeLives(
  db: Kysely<Tables>,
  scope: Expression<string>,
  now: Expression<number>,
): ExpressionWrapper<Tables, never, SqlBool> {
  const living = db.selectFrom("sessions").select("id").where("sessions.id", "=", scope);
  return expressionBuilder<Tables>().exists(living.where("sessions.expires_at", ">", now));
}
