import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StateStore } from "@snakepit/core";
import { openStateStore } from "@snakepit/registry";
import { startPostgresServer } from "@snakepit/registry/testing/postgres-server";
import { MemoryStore } from "@snakepit/sessions";
import pg from "pg";
import {
  bareOperations,
  type OperationFigures,
  sessionOperations,
  type Workload,
} from "../measure/session-operations.ts";
import { type Row, row } from "../table.ts";

const LOOPS = 64;
/** Connections of the floor; the store has the same number. */
const CONNECTIONS = 8;

/** The cost of sessions in each store: created, read, touched, written to and swept. */
export async function sessionRows(): Promise<Row[]> {
  return [...(await memoryRows()), ...(await sqliteRows()), ...(await postgresqlRows())];
}

async function memoryRows(): Promise<Row[]> {
  const workload = { loops: LOOPS, operations: 1_000_000 };
  // The floor: a promise.
  const floor = await twice(() => bareOperations(workload, async () => undefined));
  const store = await twice(() => measured(new MemoryStore(), workload));
  return rows("memory", store, floor);
}

/** The floor: one row of a file updated by one prepared statement and committed. */
async function sqliteRows(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), "sessions-"));
  try {
    const workload = { loops: LOOPS, operations: 40_000 };
    const database = new DatabaseSync(join(directory, "floor.db"));
    database.exec("pragma journal_mode = wal; pragma synchronous = normal; create table rows (n integer)");
    database.exec("insert into rows values (0)");
    const change = database.prepare("update rows set n = n + 1");
    const floor = await twice(() => bareOperations(workload, async () => change.run()));
    database.close();
    const path = (name: string) => join(directory, `${name}.db`);
    const store = await twice(async (turn) =>
      measured(await openStateStore({ path: path(`store-${turn}`) }), workload),
    );
    return rows("sqlite", store, floor);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The floor: one of a thousand rows updated by one prepared statement and committed to disk. */
async function postgresqlRows(): Promise<Row[]> {
  const workload = { loops: LOOPS, operations: 20_000 };
  await using server = await startPostgresServer({ durable: true });
  const pool = new pg.Pool({ connectionString: await server.createDatabase(), max: CONNECTIONS });
  await pool.query("create table rows (id integer primary key, n integer not null)");
  await pool.query("insert into rows select id, 0 from generate_series(1, 1000) as id");
  let id = 0;
  const change = () => {
    id = (id % 1_000) + 1;
    return pool.query({ name: "change", text: "update rows set n = n + 1 where id = $1", values: [id] });
  };
  const floor = await twice(() => bareOperations(workload, change));
  await pool.end();
  const store = await twice(async () => {
    return measured(await openStateStore({ url: await server.createDatabase() }), workload);
  });
  return rows("postgresql", store, floor);
}

async function measured(store: StateStore, workload: Workload): Promise<OperationFigures> {
  const figures = await sessionOperations(store, workload);
  await store.close();
  return figures;
}

/** Measures twice and returns the second result: by then all code is compiled. */
async function twice(measure: (turn: number) => Promise<OperationFigures>): Promise<OperationFigures> {
  await measure(0);
  return await measure(1);
}

function rows(name: string, store: OperationFigures, floor: OperationFigures): Row[] {
  return [
    row(`sessions-${name}`, store.perSecond, "op/s", floor.perSecond),
    row(`sessions-${name}-p99`, store.p99Ms, "ms", floor.p99Ms),
  ];
}
