import type { EntryKind } from "@snakepit/core";
import { sql } from "kysely";
import type { EntryWriteInput } from "../entry-batch.ts";
import { NEW_ENTRY_COLUMNS, WRITTEN_ENTRY_COLUMNS, type WrittenEntryRow } from "../entry-row.ts";
import { batchRows } from "./batch-rows.ts";
import type { StatementQuery } from "./statement-query.ts";

/** Creates entries with unused names in an active scope, within the quota. */
export const createEntries: StatementQuery<EntryWriteInput & { readonly maxEntries: number }, WrittenEntryRow> = {
  name: "create-entries",
  // A repetition would find them.
  repeatable: false,
  build: (db, input, dialect) =>
    db
      .with(
        (cte) => cte("writes").materialized(),
        () => batchRows(db, input, dialect),
      )
      .with(
        (cte) => cte("fresh").materialized(),
        (query) =>
          query
            .selectFrom("writes")
            .select((eb) => [
              "writes.place",
              "writes.name",
              "writes.attributes",
              "writes.value",
              eb.fn
                .agg<number>("row_number")
                .over((over) => over.orderBy("writes.place"))
                .as("nth"),
            ])
            .where((eb) =>
              eb.not(
                eb.exists(
                  eb
                    .selectFrom("entries")
                    .select("entries.name")
                    .where("entries.scope", "=", input.scope)
                    .where("entries.kind", "=", input.kind)
                    .whereRef("entries.name", "=", "writes.name"),
                ),
              ),
            ),
      )
      .with(
        (cte) => cte("active").materialized(),
        (query) =>
          query
            .selectFrom("sessions")
            .select("sessions.id")
            .where("sessions.id", "=", input.scope)
            .where("sessions.expires_at", ">", input.now)
            // Without this lock, the foreign key would lock the row, and fail when it was deleted in the meantime.
            .$if(dialect.writersOverlap, (select) => select.forKeyShare()),
      )
      .insertInto("entries")
      .columns(NEW_ENTRY_COLUMNS)
      .expression((eb) =>
        eb
          .selectFrom(["fresh", "active"])
          .select((each) => [
            "active.id",
            eb.cast<string>(input.kind, "text").as("kind"),
            "fresh.name",
            "fresh.value",
            "fresh.attributes",
            // Higher than all versions of a deleted entry with the same name, because each version used a revision.
            dialect.nextRevision(each.ref("fresh.place")).as("version"),
            dialect.nextRevision(each.ref("fresh.place")).as("revision"),
            eb.cast<number>(input.now, "double precision").as("created_at"),
            eb.cast<number>(input.now, "double precision").as("updated_at"),
            eb.cast<string>(input.author, "text").as("updated_by"),
          ])
          .where((each) => {
            const entries = dialect.countEntriesAlone(input.scope, input.kind);
            return each(sql`${entries} + fresh.nth`, "<=", each.cast<number>(input.maxEntries, "double precision"));
          })
          .orderBy("fresh.name"),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning(WRITTEN_ENTRY_COLUMNS),
};

/**
 * Creates an entry with an unused name in an active scope, within the quota. On PostgreSQL this statement takes half
 * the time of the one for many entries.
 */
export const createEntry: StatementQuery<
  {
    readonly scope: string;
    readonly kind: EntryKind;
    readonly name: string;
    readonly value: Uint8Array;
    readonly attributes: string;
    readonly author: string;
    readonly now: number;
    readonly maxEntries: number;
  },
  WrittenEntryRow
> = {
  name: "create-entry",
  // A repetition would find it.
  repeatable: false,
  build: (db, input, dialect) =>
    db
      .with(
        (cte) => cte("active").materialized(),
        (query) =>
          query
            .selectFrom("sessions")
            .select("sessions.id")
            .where("sessions.id", "=", input.scope)
            .where("sessions.expires_at", ">", input.now)
            // Without this lock, the foreign key would lock the row, and fail when it was deleted in the meantime.
            .$if(dialect.writersOverlap, (select) => select.forKeyShare()),
      )
      .insertInto("entries")
      .columns(NEW_ENTRY_COLUMNS)
      .expression((eb) =>
        eb
          .selectFrom("active")
          .select([
            "active.id",
            eb.cast<string>(input.kind, "text").as("kind"),
            eb.cast<string>(input.name, "text").as("name"),
            dialect.bytes(input.value).as("value"),
            eb.cast<string>(input.attributes, "text").as("attributes"),
            // Higher than all versions of a deleted entry with the same name, because each version used a revision.
            dialect.nextRevision(eb.lit(0)).as("version"),
            dialect.nextRevision(eb.lit(0)).as("revision"),
            eb.cast<number>(input.now, "double precision").as("created_at"),
            eb.cast<number>(input.now, "double precision").as("updated_at"),
            eb.cast<string>(input.author, "text").as("updated_by"),
          ])
          .where((each) =>
            each.not(
              each.exists(
                each
                  .selectFrom("entries")
                  .select("entries.name")
                  .where("entries.scope", "=", input.scope)
                  .where("entries.kind", "=", input.kind)
                  .where("entries.name", "=", input.name),
              ),
            ),
          )
          .where((each) =>
            each(
              dialect.countEntriesAlone(input.scope, input.kind),
              "<",
              each.cast<number>(input.maxEntries, "double precision"),
            ),
          ),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning(WRITTEN_ENTRY_COLUMNS),
};
