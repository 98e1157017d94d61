import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from "kysely";
import { ADVISORY_LOCKS } from "../../database/postgresql/advisory-locks.ts";
import { SCHEMA } from "../../database/postgresql/schema-name.ts";
import type { Tables } from "../../database/tables.ts";
import type { StateDialect } from "./state-dialect.ts";

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
