import { batchRows, type EntryWriteInput } from "../entry-batch.ts";
import { WRITTEN_ENTRY_COLUMNS, type WrittenEntryRow } from "../entry-row.ts";
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
        value: eb.ref("writes.value"),
        attributes: eb.fn.coalesce("writes.attributes", "entries.attributes"),
        version: eb("entries.version", "+", eb.lit(1)),
        revision: dialect.nextRevision(eb.ref("writes.place")),
        updated_at: input.now,
        updated_by: input.author,
        previous_value: eb.ref("entries.value"),
        previous_version: eb.ref("entries.version"),
        previous_updated_at: eb.ref("entries.updated_at"),
        previous_updated_by: eb.ref("entries.updated_by"),
      }))
      .where("entries.scope", "=", input.scope)
      .where("entries.kind", "=", input.kind)
      .whereRef("entries.name", "=", "writes.name")
      .where((eb) =>
        eb.or([eb("writes.version", "is", null), eb("entries.version", "=", eb.ref("writes.version").$notNull())]),
      )
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom("sessions")
            .select("sessions.id")
            .where("sessions.id", "=", input.scope)
            .where("sessions.expires_at", ">", input.now),
        ),
      )
      .returning(WRITTEN_ENTRY_COLUMNS),
};
