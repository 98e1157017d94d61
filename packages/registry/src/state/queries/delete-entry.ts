import type { EntryKind } from "@snakepit/core";
import { ENTRY_COLUMNS, type EntryRecordRow } from "../entry-row.ts";
import { scopeLives } from "../scope-lives.ts";
import type { Statement } from "../statement.ts";

/** Deletes an entry of a scope that lives, and gives it back. */
export const deleteEntry: Statement<
  { readonly scope: string; readonly kind: EntryKind; readonly name: string; readonly now: number },
  EntryRecordRow
> = {
  name: "delete-entry",
  // The second time it would not be there.
  repeatable: false,
  build: (db, { scope, kind, name, now }) =>
    db
      .deleteFrom("entries")
      .where("scope", "=", scope)
      .where("kind", "=", kind)
      .where("name", "=", name)
      .where(scopeLives(db, scope, now))
      .returning(ENTRY_COLUMNS),
};
