import type { EntryKind } from "@snakepit/core";
import { sql } from "kysely";
import { ENTRY_COLUMNS, type EntryRecordRow } from "../entry-row.ts";
import type { Statement } from "../statement.ts";

/**
 * Entries of a scope that lives and whose names match, by name, after this one. No row when the scope does not live; a
 * row without an entry when there is none.
 */
export const listEntries: Statement<
  {
    readonly scope: string;
    readonly kind: EntryKind;
    readonly pattern: string;
    readonly after: string | null;
    readonly limit: number;
    readonly now: number;
  },
  EntryRecordRow | { readonly name: null }
> = {
  name: "list-entries",
  repeatable: true,
  build: (db, { scope, kind, pattern, after, limit, now }, { matches }) =>
    db
      .selectFrom("sessions")
      .leftJoin(
        (eb) =>
          eb
            .selectFrom("entries")
            .select(ENTRY_COLUMNS)
            .where("entries.scope", "=", scope)
            .where("entries.kind", "=", kind)
            .where(sql<boolean>`(cast(${after} as text) is null or entries.name > ${after})`)
            .where((each) => matches(each.ref("entries.name"), pattern))
            .as("found"),
        (join) => join.onTrue(),
      )
      .selectAll("found")
      .where("sessions.id", "=", scope)
      .where("sessions.expires_at", ">", now)
      .orderBy("found.name")
      .limit(limit)
      .$castTo<EntryRecordRow | { readonly name: null }>(),
};
