import type { EntryKind } from "@snakepit/core";
import type { Statement } from "../statement.ts";

/** How many entries of a kind there are in a scope. */
export const countEntries: Statement<
  { readonly scope: string; readonly kind: EntryKind },
  { readonly entries: number }
> = {
  name: "count-entries",
  repeatable: true,
  build: (db, { scope, kind }) =>
    db
      .selectFrom("entries")
      .select((eb) => eb.fn.countAll<number>().as("entries"))
      .where("scope", "=", scope)
      .where("kind", "=", kind),
};
