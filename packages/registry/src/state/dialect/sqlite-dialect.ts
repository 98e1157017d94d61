import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";
import type { StateDialect } from "./state-dialect.ts";

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
  // Unlike LIKE it tells upper from lower case. A bracket would begin a set of characters.
  matches: (name, pattern) => sql`${name} glob ${pattern}`,
  patternOf: (pattern) => pattern.replaceAll("[", "[[]"),
  withoutWaitingForDisk: sql`true`,
};
