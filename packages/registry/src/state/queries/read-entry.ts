import type { EntryKind } from "@snakepit/core";
import { ENTRY_COLUMNS, type EntryRecordRow } from "../entry-row.ts";
import type { Statement } from "../statement.ts";

/** An entry of a scope that lives. No row when it does not; a row without an entry when there is none. */
export const readEntry: Statement<
  { readonly scope: string; readonly kind: EntryKind; readonly name: string; readonly now: number },
  EntryRecordRow | { readonly name: null }
> = {
  name: "read-entry",
  repeatable: true,
  build: (db, { scope, kind, name, now }) =>
    db
      .selectFrom("sessions")
      .leftJoin("entries", (join) =>
        join.on("entries.scope", "=", scope).on("entries.kind", "=", kind).on("entries.name", "=", name),
      )
      .select(ENTRY_COLUMNS)
      .where("sessions.id", "=", scope)
      .where("sessions.expires_at", ">", now)
      .$castTo<EntryRecordRow | { readonly name: null }>(),
};
