import type { EntryKind } from "@snakepit/core";
import type { Statement } from "../statement.ts";

/** How many entries of each kind living sessions and the global scope have. */
export const countLivingEntries: Statement<
  { readonly now: number },
  { readonly kind: EntryKind; readonly entries: number }
> = {
  name: "count-living-entries",
  repeatable: true,
  build: (db, { now }) =>
    db
      .selectFrom("entries")
      .innerJoin("sessions", "sessions.id", "entries.scope")
      .select((eb) => ["entries.kind", eb.fn.countAll<number>().as("entries")])
      .where("sessions.expires_at", ">", now)
      .groupBy("entries.kind"),
};
