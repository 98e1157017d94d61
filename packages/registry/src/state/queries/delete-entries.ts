import type { EntryKind } from "@snakepit/core";
import { jsonRowsOf, textMember } from "../../queries/json-rows.ts";
import { ENTRY_COLUMNS, type EntryRecordRow } from "../entry-row.ts";
import { scopeLives } from "../scope-lives.ts";
import type { Statement } from "../statement.ts";

/** Deletes entries of a scope that lives, and gives them back. */
export const deleteEntries: Statement<
  { readonly scope: string; readonly kind: EntryKind; readonly names: string; readonly now: number },
  EntryRecordRow
> = {
  name: "delete-entries",
  // The second time they would not be there.
  repeatable: false,
  build: (db, { scope, kind, names, now }) =>
    db
      .deleteFrom("entries")
      .where("scope", "=", scope)
      .where("kind", "=", kind)
      .where("name", "in", (eb) => eb.selectFrom(jsonRowsOf(names).as("entry")).select(textMember("name").as("name")))
      .where(scopeLives(db, scope, now))
      .returning(ENTRY_COLUMNS),
};
