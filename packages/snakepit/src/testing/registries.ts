import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { runSql, testPostgres } from "@snakepit/registry/testing/postgres-server";

/** The registry of a test, and methods that read its rows. */
export interface TestRegistry {
  /** The location, for the configuration of a host. */
  readonly location: { readonly path: string } | { readonly url: string };
  /** Resolves with the PIDs of all processes in the registry. */
  pids(): Promise<number[]>;
  /** Resolves with the number of hosts in the registry. */
  hosts(): Promise<number>;
  /** Resolves with the number of rows of each table of sessions and their entries. */
  stateRows(): Promise<Readonly<Record<string, number>>>;
}

/** Opens an empty registry, for each of the two databases by name. */
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
