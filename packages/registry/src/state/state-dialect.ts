import {
  DummyDriver,
  type Expression,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from "kysely";
import { ADVISORY_LOCKS, SCHEMA } from "../database/postgresql/schema.ts";
import type { Tables } from "../database/tables.ts";

/** Where the databases differ, as pieces of a query. */
export interface StateDialect {
  /** Builds queries; executes none. */
  readonly builder: Kysely<Tables>;
  /** Takes a parameter, or what was made of one, for bytes. */
  bytes(value: Expression<Uint8Array>): RawBuilder<Uint8Array>;
  /**
   * Whether writers overlap, so that rows have to be locked that must stay as they are read. Where they do not, a
   * transaction has the whole database to itself.
   */
  readonly writersOverlap: boolean;
  /** A revision that is higher than all before it, for the row at this place of a batch, from 0 on. */
  nextRevision(place: Expression<number>): RawBuilder<number>;
  /** Draws a number that is higher than that of every session made before. */
  readonly sessionTicket: RawBuilder<number>;
  /** Waits for transactions in which a ticket was drawn; until this one ends, no other draws a ticket. */
  readonly stopNewSessions: RawBuilder<unknown>;
  /** The number of entries of a kind in a scope. Until the transaction ends, no other one creates any. */
  countEntriesAlone(scope: Expression<string>, kind: Expression<string>): RawBuilder<number>;
  /** Whether a name matches a pattern that {@link StateDialect.patternOf} has translated. */
  matches(name: Expression<string>, pattern: Expression<string>): RawBuilder<boolean>;
  /** A pattern in the database's own language. In ours `*` stands for any text and `?` for one character. */
  patternOf(pattern: string): string;
  /** True; a statement with this condition is committed without waiting for the disk, where the database is able to. */
  readonly withoutWaitingForDisk: RawBuilder<boolean>;
}

export const postgresqlDialect: StateDialect = {
  builder: new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }).withSchema(SCHEMA),
  bytes: (value) => sql`cast(${value} as bytea)`,
  writersOverlap: true,
  nextRevision: () => sql`nextval('snakepit.revisions')`,
  sessionTicket: sql`snakepit.session_ticket()`,
  stopNewSessions: sql`pg_advisory_xact_lock(${sql.lit(ADVISORY_LOCKS.newSessions)}, 0)`,
  // In a query of its own, which is made once and not for each row.
  countEntriesAlone: (scope, kind) => sql`(select snakepit.count_entries_alone(${scope}, ${kind}))`,
  matches: (name, pattern) => sql`${name} like ${pattern}`,
  patternOf: (pattern) =>
    pattern
      .replace(/[%_\\]/g, "\\$&")
      .replaceAll("*", "%")
      .replaceAll("?", "_"),
  // Holds until the transaction ends, which is when it counts.
  withoutWaitingForDisk: sql`(select set_config('synchronous_commit', 'off', true)) = 'off'`,
};

export const sqliteDialect: StateDialect = {
  builder: new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  // No bytes at all may arrive as NULL; and a piece of them is NULL.
  bytes: (value) => sql`coalesce(cast(${value} as blob), x'')`,
  writersOverlap: false,
  // Triggers note the highest.
  nextRevision: (place) => sql`(select last from revisions) + 1 + ${place}`,
  sessionTicket: sql`(select last + 1 from revisions)`,
  // A writer is alone.
  stopNewSessions: sql`true`,
  countEntriesAlone: (scope, kind) => sql`(select count(*) from entries where scope = ${scope} and kind = ${kind})`,
  // Unlike LIKE it is case-sensitive. A bracket would begin a set of characters.
  matches: (name, pattern) => sql`${name} glob ${pattern}`,
  patternOf: (pattern) => pattern.replaceAll("[", "[[]"),
  withoutWaitingForDisk: sql`true`,
};
