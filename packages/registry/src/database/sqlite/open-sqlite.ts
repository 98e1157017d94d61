import { accessSync, closeSync, constants, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { SnakepitError } from "@snakepit/core";
import { Kysely } from "kysely";
import { makePrivateDirectory } from "../../location/state-directory.ts";
import { type DatabasePurpose, databaseUnavailable, type Fault } from "../database-fault.ts";
import type { RegistryDatabase } from "../registry-database.ts";
import type { Tables } from "../tables.ts";
import { loadNodeSqlite, NodeSqliteDialect } from "./node-sqlite-dialect.ts";
import { lacksSqliteTable, sqliteFault } from "./sqlite-fault.ts";
import { BLOCKING_WAIT_MS, whileLocked } from "./while-locked.ts";

const REPLACED: Fault = {
  reason: "it was removed or replaced while in use",
  remedy: "restart this process, so that a new one is made",
};

const DIRECTORY: Fault = {
  reason: "it is a directory",
  remedy: ({ pathOption }) => `name a file (${pathOption})`,
};

const NO_WAL: Fault = {
  reason: "its file system has no shared memory between processes, which the write-ahead log needs",
  remedy: ({ pathOption }) => `choose a file on a local disk (${pathOption})`,
};

/** An open SQLite file. */
export interface SqliteDatabase extends RegistryDatabase {
  /** The connection, for statements that are executed at once. Only within `use`. */
  readonly connection: DatabaseSync;
}

/**
 * Opens a SQLite file, and makes it, and its directory for this user alone, when they are not there.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE`
 */
export async function openSqlite(path: string, purpose: DatabasePurpose): Promise<SqliteDatabase> {
  const unavailable = (thrown: unknown) =>
    thrown instanceof SnakepitError ? thrown : databaseUnavailable(purpose, path, sqliteFault(thrown), thrown);
  try {
    const file = prepareFile(path, purpose);
    const connection = await openFile(path, purpose);
    const db = new Kysely<Tables>({ dialect: new NodeSqliteDialect(connection) });
    return {
      connection,
      purpose,
      place: path,
      schema: undefined,
      async use(work) {
        try {
          if (inodeOf(path) !== file) throw databaseUnavailable(purpose, path, REPLACED);
          return await work(db);
        } catch (thrown) {
          throw unavailable(thrown);
        }
      },
      lacksTable: lacksSqliteTable,
      // An attempt that waits for a lock ends when it finds the file closed.
      breakOff: () => undefined,
      close: () => db.destroy(),
    };
  } catch (thrown) {
    throw unavailable(thrown);
  }
}

// SQLite reports "unable to open database file" for every cause; the file system reports which it is. A file that exists is not
// opened here: closing it would drop the locks that SQLite has on it in this process
// (https://www.sqlite.org/howtocorrupt.html, section 2.2).
function prepareFile(path: string, purpose: DatabasePurpose): number | undefined {
  makePrivateDirectory(dirname(path));
  accessSync(dirname(path), constants.W_OK | constants.X_OK);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) createFile(path);
  else if (found.isDirectory()) throw databaseUnavailable(purpose, path, DIRECTORY);
  else accessSync(path, constants.R_OK | constants.W_OK);
  return inodeOf(path);
}

// For this user alone. Another host may be first, which is as good.
function createFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

async function openFile(path: string, purpose: DatabasePurpose): Promise<DatabaseSync> {
  const { DatabaseSync } = loadNodeSqlite();
  const database = new DatabaseSync(path, { timeout: BLOCKING_WAIT_MS });
  try {
    const [mode] = await whileLocked(() => database.prepare("pragma journal_mode = wal").all());
    if (mode?.["journal_mode"] !== "wal") throw databaseUnavailable(purpose, path, NO_WAL);
    // What a power cut can take from the log concerns processes that it ended as well.
    database.exec("pragma synchronous = normal");
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}
