import type { EntryKind } from "@snakepit/core";
import { jsonRowsOf, textMember } from "../../queries/json-rows.ts";
import type { Statement } from "../statement.ts";

/**
 * Keeps entries as they are until the transaction is over. They are locked in the order of their names, so that no two
 * transactions wait for each other. Only where writers overlap.
 */
export const lockEntries: Statement<
  { readonly scope: string; readonly kind: EntryKind; readonly names: string },
  unknown
> = {
  name: "lock-entries",
  repeatable: true,
  build: (db, { scope, kind, names }) =>
    db
      .selectFrom("entries")
      .select("name")
      .where("scope", "=", scope)
      .where("kind", "=", kind)
      .where("name", "in", (eb) => eb.selectFrom(jsonRowsOf(names).as("entry")).select(textMember("name").as("name")))
      .orderBy("name")
      .forUpdate(),
};
