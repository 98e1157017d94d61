import type { EntryKind } from "@snakepit/core";
import { type Expression, type ExpressionBuilder, sql } from "kysely";
import type { Tables } from "../../database/schema.ts";
import type { EntryWriteInput } from "../entry-batch.ts";
import { ENTRY_COLUMNS, type EntryRecordRow, WRITTEN_ENTRY_COLUMNS, type WrittenEntryRow } from "../entry-row.ts";
import { batchRows } from "./batch-rows.ts";
import { jsonRowsOf, textMember } from "./json-rows.ts";
import { isScopeActive } from "./read-entries.ts";
import type { StatementQuery } from "./statement-query.ts";

/** Updates the entries of an active scope that have the expected version. */
export const updateEntries: StatementQuery<EntryWriteInput, WrittenEntryRow> = {
  name: "update-entries",
  // A repetition would find other versions.
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
      .where(isScopeActive(db, input.scope, input.now))
      .returning(WRITTEN_ENTRY_COLUMNS),
};

/** Updates an entry of an active scope if it has the expected version. */
export const updateEntry: StatementQuery<
  {
    readonly scope: string;
    readonly kind: EntryKind;
    readonly name: string;
    readonly value: Uint8Array;
    /** Null keeps the current attributes. */
    readonly attributes: string | null;
    /** The expected version; null for any. */
    readonly version: number | null;
    readonly author: string;
    readonly now: number;
  },
  WrittenEntryRow
> = {
  name: "update-entry",
  // A repetition would find another version.
  repeatable: false,
  build: (db, { scope, kind, name, value, attributes, version, author, now }, { bytes, nextRevision }) =>
    db
      .updateTable("entries")
      .set((eb) => ({
        ...overwritten(eb, author, now),
        value: bytes(value),
        attributes: eb.fn.coalesce(eb.cast<string | null>(attributes, "text"), "attributes").$notNull(),
        revision: nextRevision(eb.lit(0)),
      }))
      .where("scope", "=", scope)
      .where("kind", "=", kind)
      .where("name", "=", name)
      .where(sql<boolean>`(cast(${version} as bigint) is null or entries.version = ${version})`)
      .where(isScopeActive(db, scope, now))
      .returning(WRITTEN_ENTRY_COLUMNS),
};

/** Deletes entries of an active scope and returns them. */
export const deleteEntries: StatementQuery<
  { readonly scope: string; readonly kind: EntryKind; readonly names: string; readonly now: number },
  EntryRecordRow
> = {
  name: "delete-entries",
  // A repetition would not find them.
  repeatable: false,
  build: (db, { scope, kind, names, now }) =>
    db
      .deleteFrom("entries")
      .where("scope", "=", scope)
      .where("kind", "=", kind)
      .where("name", "in", (eb) => eb.selectFrom(jsonRowsOf(names).as("entry")).select(textMember("name").as("name")))
      .where(isScopeActive(db, scope, now))
      .returning(ENTRY_COLUMNS),
};

/** Returns the columns that every update of an entry changes. */
function overwritten(
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
