import type { EntryKind } from "@snakepit/core";
import { jsonRowsOf, textMember } from "../../queries/json-rows.ts";
import { ENTRY_COLUMNS, type EntryRecordRow } from "../entry-row.ts";
import type { Statement } from "../statement.ts";

/**
 * Entries of a scope that lives, by name. No row when it does not; a row without an entry when there is none.
 */
export const readEntries: Statement<
  { readonly scope: string; readonly kind: EntryKind; readonly names: string; readonly now: number },
  EntryRecordRow | { readonly name: null }
> = {
  name: "read-entries",
  repeatable: true,
  build: (db, { scope, kind, names, now }) =>
    db
      .selectFrom("sessions")
      .leftJoin(
        (eb) =>
          eb
            .selectFrom(jsonRowsOf(names).as("entry"))
            .innerJoin("entries", (join) => join.on("entries.name", "=", textMember("name")))
            .select(ENTRY_COLUMNS)
            .where("entries.scope", "=", scope)
            .where("entries.kind", "=", kind)
            .as("found"),
        (join) => join.onTrue(),
      )
      .selectAll("found")
      .where("sessions.id", "=", scope)
      .where("sessions.expires_at", ">", now)
      .orderBy("found.name")
      .$castTo<EntryRecordRow | { readonly name: null }>(),
};
