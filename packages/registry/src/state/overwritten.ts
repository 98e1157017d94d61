import type { Expression, ExpressionBuilder } from "kysely";
import type { Tables } from "../database/tables.ts";

/** What changes of an entry that is written to, whatever its new value is. */
export function overwritten(
  eb: ExpressionBuilder<Pick<Tables, "entries">, "entries">,
  author: Expression<string>,
  now: Expression<number>,
) {
  return {
    version: eb("entries.version", "+", eb.lit(1)),
    updated_at: now,
    updated_by: author,
    previous_value: eb.ref("entries.value"),
    previous_version: eb.ref("entries.version"),
    previous_updated_at: eb.ref("entries.updated_at"),
    previous_updated_by: eb.ref("entries.updated_by"),
  };
}
