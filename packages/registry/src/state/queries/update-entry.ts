import type { EntryKind } from "@snakepit/core";
import { sql } from "kysely";
import { WRITTEN_ENTRY_COLUMNS, type WrittenEntryRow } from "../entry-row.ts";
import { overwritten } from "../overwritten.ts";
import { scopeLives } from "../scope-lives.ts";
import type { Statement } from "../statement.ts";

/** Writes to an entry that is there, in a scope that lives, where it has the version that is expected. */
export const updateEntry: Statement<
  {
    readonly scope: string;
    readonly kind: EntryKind;
    readonly name: string;
    readonly value: Uint8Array;
    /** Null leaves them as they are. */
    readonly attributes: string | null;
    /** Null for any. */
    readonly version: number | null;
    readonly author: string;
    readonly now: number;
  },
  WrittenEntryRow
> = {
  name: "update-entry",
  // The second time it would have another version.
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
      .where(scopeLives(db, scope, now))
      .returning(WRITTEN_ENTRY_COLUMNS),
};
