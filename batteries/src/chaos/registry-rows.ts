import { DatabaseSync } from "node:sqlite";
import { runSql } from "@snakepit/registry/testing/postgres-server";

/** A row of a process in the registry. */
export interface ProcessRow {
  readonly workerId: string;
  readonly role: string;
  readonly state: string;
  readonly pid: number | undefined;
}

/** The registry of a scenario, and its rows. */
export interface ScenarioRegistry {
  /** The location, for the configuration of a host. */
  readonly location: { readonly path: string } | { readonly url: string };
  /** Resolves with the number of hosts. */
  hosts(): Promise<number>;
  processes(): Promise<readonly ProcessRow[]>;
}

type Query = (statement: string) => Promise<readonly Record<string, unknown>[]>;

/** Returns the registry in a SQLite file. */
export function sqliteRegistry(path: string): ScenarioRegistry {
  return registryOf({ path }, "", async (statement) => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
    try {
      return database.prepare(statement).all();
    } finally {
      database.close();
    }
  });
}

/** Returns the registry in a PostgreSQL database. */
export function postgresqlRegistry(url: string): ScenarioRegistry {
  return registryOf({ url }, "snakepit.", (statement) => runSql(url, statement));
}

function registryOf(location: ScenarioRegistry["location"], schema: string, query: Query): ScenarioRegistry {
  return {
    location,
    hosts: async () => (await query(`select run_id from ${schema}hosts`)).length,
    processes: async () =>
      (await query(`select worker_id, role, state, pid from ${schema}processes`)).map((row) => ({
        workerId: String(row["worker_id"]),
        role: String(row["role"]),
        state: String(row["state"]),
        pid: row["pid"] === null ? undefined : Number(row["pid"]),
      })),
  };
}
