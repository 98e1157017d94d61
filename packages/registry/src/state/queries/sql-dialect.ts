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
import { ADVISORY_LOCKS, SCHEMA, type Tables } from "../../database/schema.ts";

/** The parts of queries that differ between the databases. Only the generator of `statements.ts` uses them. */
export interface SqlDialect {
  /** Builds queries without executing them. */
  readonly builder: Kysely<Tables>;
  /** Casts an expression to bytes. */
  bytes(value: Expression<Uint8Array>): RawBuilder<Uint8Array>;
  /** As in `StateDialect`. */
  readonly writersOverlap: boolean;
  /** Returns a revision that is higher than all earlier ones, for the row at this index of a batch, from 0. */
  nextRevision(place: Expression<number>): RawBuilder<number>;
  /** Draws a ticket that is higher than those of all earlier sessions. */
  readonly sessionTicket: RawBuilder<number>;
  /** Waits for transactions that have drawn a ticket, and blocks new ones until this transaction ends. */
  readonly stopNewSessions: RawBuilder<unknown>;
  /** Returns the number of entries of a kind in a scope. No other transaction can create any until this one ends. */
  countEntriesAlone(scope: Expression<string>, kind: Expression<string>): RawBuilder<number>;
  /** Returns the condition that a name matches a pattern of `StateDialect.patternOf`. */
  matches(name: Expression<string>, pattern: Expression<string>): RawBuilder<boolean>;
  /** A condition that is always true. It makes the commit not wait for the disk, if the database supports that. */
  readonly withoutWaitingForDisk: RawBuilder<boolean>;
}

export const postgresqlSql: SqlDialect = {
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
  // A subquery, which is executed once and not for each row.
  countEntriesAlone: (scope, kind) => sql`(select snakepit.count_entries_alone(${scope}, ${kind}))`,
  matches: (name, pattern) => sql`${name} like ${pattern}`,
  // The setting applies until the transaction ends, so it covers the commit.
  withoutWaitingForDisk: sql`(select set_config('synchronous_commit', 'off', true)) = 'off'`,
};

export const sqliteSql: SqlDialect = {
  builder: new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  // An empty blob may be bound as NULL, and a substring of it is NULL.
  bytes: (value) => sql`coalesce(cast(${value} as blob), x'')`,
  writersOverlap: false,
  // Triggers maintain the highest revision.
  nextRevision: (place) => sql`(select last from revisions) + 1 + ${place}`,
  sessionTicket: sql`(select last + 1 from revisions)`,
  // A write transaction has exclusive access.
  stopNewSessions: sql`true`,
  countEntriesAlone: (scope, kind) => sql`(select count(*) from entries where scope = ${scope} and kind = ${kind})`,
  // Unlike LIKE, GLOB is case-sensitive. An unescaped bracket would begin a character set.
  matches: (name, pattern) => sql`${name} glob ${pattern}`,
  withoutWaitingForDisk: sql`true`,
};
