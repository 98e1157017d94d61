import { batchRows, type EntryWriteInput } from "../entry-batch.ts";
import { WRITTEN_ENTRY_COLUMNS, type WrittenEntryRow } from "../entry-row.ts";
import { overwritten } from "../overwritten.ts";
import { scopeLives } from "../scope-lives.ts";
import type { Statement } from "../statement.ts";

/** Writes to entries that are there, in a scope that lives, each where it has the version that is expected. */
export const updateEntries: Statement<EntryWriteInput, WrittenEntryRow> = {
  name: "update-entries",
  // The second time they would have other versions.
  repeatable: false,
  build: (db, input, dialect) =>
    db
      .with(
        (cte) => cte("writes").materialized(),
        () => batchRows(db, input, dialect),
      )
      .updateTable("entries")
      .from("writes")
      .set((eb) => ({
        ...overwritten(eb, input.author, input.now),
        value: eb.ref("writes.value"),
        attributes: eb.fn.coalesce("writes.attributes", "entries.attributes"),
        revision: dialect.nextRevision(eb.ref("writes.place")),
      }))
      .where("entries.scope", "=", input.scope)
      .where("entries.kind", "=", input.kind)
      .whereRef("entries.name", "=", "writes.name")
      .where((eb) =>
        eb.or([eb("writes.version", "is", null), eb("entries.version", "=", eb.ref("writes.version").$notNull())]),
      )
      .where(scopeLives(db, input.scope, input.now))
      .returning(WRITTEN_ENTRY_COLUMNS),
};
