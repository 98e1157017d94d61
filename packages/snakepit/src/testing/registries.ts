import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { runSql } from "@snakepit/registry/testing/run-sql";
import { testPostgres } from "@snakepit/registry/testing/test-postgres";

/** A registry of a test's own, and a view of its rows from outside. */
export interface TestRegistry {
  /** For the configuration of a host. */
  readonly location: { readonly path: string } | { readonly url: string };
  /** Pids of all processes that the registry holds. */
  pids(): Promise<number[]>;
  /** Number of hosts that the registry holds. */
  hosts(): Promise<number>;
  /** Number of rows of each table that holds what hosts share: sessions, and what is in them. */
  stateRows(): Promise<Readonly<Record<string, number>>>;
}

/** The two databases, by name; each opens an empty registry. */
export const TEST_REGISTRIES: Readonly<Record<string, (directory: string) => Promise<TestRegistry>>> = {
  SQLite: async (directory) => {
    const path = join(directory, "registry.db");
    return inSql({ path }, "", async (statement) => {
      const database = new DatabaseSync(path, { readOnly: true });
      try {
        return database.prepare(statement).all();
      } finally {
        database.close();
      }
    });
  },
  PostgreSQL: async () => {
    const url = await (await testPostgres()).createDatabase();
    return inSql({ url }, "snakepit.", (statement) => runSql(url, statement));
  },
};

/**
 * All tables but those of processes and of the schema itself. The global scope, which stays, is the session without an
 * id.
 */
const STATE_TABLES = { sessions: "id <> ''", entries: "true" };

type Query = (statement: string) => Promise<readonly Record<string, unknown>[]>;

function inSql(location: TestRegistry["location"], schema: string, query: Query): TestRegistry {
  return {
    location,
    pids: async () =>
      (await query(`select pid from ${schema}processes where pid is not null`)).map((row) => Number(row["pid"])),
    hosts: async () => (await query(`select run_id from ${schema}hosts`)).length,
    stateRows: async () => {
      const counts = Object.entries(STATE_TABLES).map(async ([table, isCounted]) => {
        const [row] = await query(`select count(*) as rows from ${schema}${table} where ${isCounted}`);
        return [table, Number(row?.["rows"])] as const;
      });
      return Object.fromEntries(await Promise.all(counts));
    },
  };
}
