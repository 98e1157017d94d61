import { type Kysely, PostgresAdapter, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { ADVISORY_LOCKS } from "../database/schema.ts";

/** Creates the tables of sessions, variables and programs. */
export const stateMigration: Migration = {
  async up(db) {
    const postgresql = db.getExecutor().adapter instanceof PostgresAdapter;
    // IDs and names are ordered by code point, regardless of the locale of the database.
    const key = postgresql ? sql`text collate "C"` : "text";
    const bytes = postgresql ? "bytea" : "blob";
    await db.schema
      .createTable("sessions")
      .addColumn("id", key, (column) => column.notNull().primaryKey())
      // textlint-disable: 003-session-generation renames the column.
      .addColumn("incarnation", "text", (column) => column.notNull())
      // textlint-enable
      .addColumn("version", "bigint", (column) => column.notNull())
      .addColumn("metadata", "text", (column) => column.notNull())
      .addColumn("created_at", "double precision", (column) => column.notNull())
      .addColumn("used_at", "double precision", (column) => column.notNull())
      .addColumn("ttl_ms", "double precision", (column) => column.notNull())
      .addColumn("expires_at", "double precision", (column) => column.notNull())
      .addColumn("last_worker", "text")
      .execute();
    await db.schema.createIndex("sessions_expires_at").on("sessions").column("expires_at").execute();
    await db.schema
      .createTable("entries")
      .addColumn("scope", key, (column) => column.notNull().references("sessions.id").onDelete("cascade"))
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("name", key, (column) => column.notNull())
      .addColumn("value", bytes, (column) => column.notNull())
      .addColumn("attributes", "text", (column) => column.notNull())
      .addColumn("version", "bigint", (column) => column.notNull())
      .addColumn("revision", "bigint", (column) => column.notNull())
      .addColumn("created_at", "double precision", (column) => column.notNull())
      .addColumn("updated_at", "double precision", (column) => column.notNull())
      .addColumn("updated_by", "text", (column) => column.notNull())
      .addColumn("previous_value", bytes)
      .addColumn("previous_version", "bigint")
      .addColumn("previous_updated_at", "double precision")
      .addColumn("previous_updated_by", "text")
      .addPrimaryKeyConstraint("entries_pkey", ["scope", "kind", "name"])
      .addCheckConstraint("entries_kind_check", sql`kind in ('variable', 'program')`)
      .execute();
    await (postgresql ? countOnPostgresql(db) : countOnSqlite(db));
    await addGlobalScope(db);
  },
};

// The global scope is a row that never expires, so its entries are stored like those of a session.
async function addGlobalScope(db: Kysely<unknown>): Promise<void> {
  const forever = Number.POSITIVE_INFINITY;
  await db
    .$extendTables<{ sessions: Record<string, unknown> }>()
    .insertInto("sessions")
    .values({
      id: "",
      // textlint-disable: 003-session-generation renames the column.
      incarnation: "",
      // textlint-enable
      version: 1,
      metadata: "{}",
      created_at: 0,
      used_at: 0,
      ttl_ms: forever,
      expires_at: forever,
      last_worker: null,
    })
    .execute();
}

// Both functions are volatile, so their queries see everything that was committed before they got their lock, not only
// before the calling statement began (https://www.postgresql.org/docs/current/xfunc-volatility.html).
async function countOnPostgresql(db: Kysely<unknown>): Promise<void> {
  await sql`create sequence snakepit.revisions`.execute(db);
  await sql`create sequence snakepit.connections as integer cycle`.execute(db);
  const { newSessions, newEntries } = ADVISORY_LOCKS;
  await sql`create function snakepit.session_ticket() returns bigint language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(${sql.lit(newSessions)}, 0);
  return nextval('snakepit.revisions');
end $$`.execute(db);
  await sql`create function snakepit.count_entries_alone(of_scope text, of_kind text) returns bigint language plpgsql as $$
begin
  perform pg_advisory_xact_lock(${sql.lit(newEntries)}, hashtext(of_kind || ' ' || of_scope));
  return (select count(*) from snakepit.entries where scope = of_scope and kind = of_kind);
end $$`.execute(db);
}

// SQLite has no sequences. It has one writer at a time, so a row can replace a sequence.
async function countOnSqlite(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("revisions")
    .addColumn("last", "bigint", (column) => column.notNull())
    .execute();
  await sql`insert into revisions (last) values (0)`.execute(db);
  for (const [trigger, event, last] of [
    ["sessions_created", "insert on sessions", "last + 1"],
    ["entries_created", "insert on entries", "max(last, new.revision)"],
    ["entries_written", "update of revision on entries", "max(last, new.revision)"],
  ] as const) {
    const bump = sql`update revisions set last = ${sql.raw(last)};`;
    await sql`create trigger ${sql.raw(trigger)} after ${sql.raw(event)} begin ${bump} end`.execute(db);
  }
}
