import type { EntryKind } from "@snakepit/core";
import { type Expression, type ExpressionWrapper, expressionBuilder, type Kysely, type SqlBool, sql } from "kysely";
import type { Tables } from "../../database/schema.ts";
import { ENTRY_COLUMNS, type EntryRecordRow } from "../entry-row.ts";
import { jsonRowsOf, textMember } from "./json-rows.ts";
import type { StatementQuery } from "./statement-query.ts";

/**
 * Reads entries of an active scope, ordered by name. Returns no row when the scope is not active, and a row without an
 * entry when no entry matches.
 */
export const readEntries: StatementQuery<
  { readonly scope: string; readonly kind: EntryKind; readonly names: string; readonly now: number },
  EntryRecordRow | { readonly name: null }
> = {
  name: "read-entries",
  repeatable: true,
  build: (db, { scope, kind, names, now }) =>
    db
      .selectFrom("sessions")
      .leftJoin(
        (eb) =>
          eb
            .selectFrom(jsonRowsOf(names).as("entry"))
            // Not an inner join, which SQLite may reorder, so that it would read all entries of the scope.
            .crossJoin("entries")
            .select(ENTRY_COLUMNS)
            .where("entries.scope", "=", scope)
            .where("entries.kind", "=", kind)
            .where("entries.name", "=", textMember("name"))
            .as("found"),
        (join) => join.onTrue(),
      )
      .selectAll("found")
      .where("sessions.id", "=", scope)
      .where("sessions.expires_at", ">", now)
      .orderBy("found.name")
      .$castTo<EntryRecordRow | { readonly name: null }>(),
};

/**
 * Reads an entry of an active scope. Returns no row when the scope is not active, and a row without an entry when it is
 * missing.
 */
export const readEntry: StatementQuery<
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

/**
 * Lists the entries of an active scope whose names match, ordered by name, after a given name. Returns no row when the
 * scope is not active, and a row without an entry when no entry matches.
 */
export const listEntries: StatementQuery<
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

/** Counts the entries of a kind in a scope. */
export const countEntries: StatementQuery<
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

/** Counts the entries of each kind in active sessions and in the global scope. */
export const countActiveEntries: StatementQuery<
  { readonly now: number },
  { readonly kind: EntryKind; readonly entries: number }
> = {
  name: "count-active-entries",
  repeatable: true,
  build: (db, { now }) =>
    db
      .selectFrom("entries")
      .innerJoin("sessions", "sessions.id", "entries.scope")
      .select((eb) => ["entries.kind", eb.fn.countAll<number>().as("entries")])
      .where("sessions.expires_at", ">", now)
      .groupBy("entries.kind"),
};

/**
 * Locks entries until the transaction ends, in the order of their names, so that two transactions cannot deadlock. Only
 * for databases whose writers overlap.
 */
export const lockEntries: StatementQuery<
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

/** Prevents the deletion of an active scope until the transaction ends. Only for databases whose writers overlap. */
export const lockScope: StatementQuery<{ readonly scope: string; readonly now: number }, unknown> = {
  name: "lock-scope",
  repeatable: true,
  build: (db, { scope, now }) =>
    db.selectFrom("sessions").select("id").where("id", "=", scope).where("expires_at", ">", now).forKeyShare(),
};

/** Returns a row when the scope is active. */
export const activeScope: StatementQuery<{ readonly scope: string; readonly now: number }, unknown> = {
  name: "active-scope",
  repeatable: true,
  build: (db, { scope, now }) =>
    db.selectFrom("sessions").select("id").where("id", "=", scope).where("expires_at", ">", now),
};

/** Returns the condition that a scope is active: a session that has not expired, or the global scope. */
export function isScopeActive(
  db: Kysely<Tables>,
  scope: Expression<string>,
  now: Expression<number>,
): ExpressionWrapper<Tables, never, SqlBool> {
  const active = db.selectFrom("sessions").select("id").where("sessions.id", "=", scope);
  return expressionBuilder<Tables>().exists(active.where("sessions.expires_at", ">", now));
}
