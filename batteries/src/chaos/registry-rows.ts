import { execFile } from "node:child_process";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
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
  return registryOf({ path }, "", async (statement) => readSqlite(path, statement));
}

const PRINT_ROWS = new URL("print-rows.ts", import.meta.url).pathname;

/**
 * Returns the registry in a SQLite file that only the mount namespace of a process has. Another process reads it: in
 * the process of the host, SQLite would keep the descriptor of the reader until the writer has no lock.
 */
export function mountedRegistry(path: string, pid: number): ScenarioRegistry {
  return registryOf({ path }, "", async (statement) => {
    const args = ["--target", String(pid), "--mount", process.execPath, "--no-warnings", PRINT_ROWS, path, statement];
    return JSON.parse((await promisify(execFile)("nsenter", args)).stdout);
  });
}

/** Runs a statement that reads a SQLite file. */
export function readSqlite(path: string, statement: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  try {
    return database.prepare(statement).all();
  } finally {
    database.close();
  }
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
