import { accessSync, closeSync, constants, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { SnakepitError } from "@snakepit/core";
import { createPrivateDirectory } from "../../location/state-directory.ts";
import { type DatabasePurpose, databaseUnavailable, type Fault } from "../database-fault.ts";
import type { RegistryDatabase } from "../registry-database.ts";
import { loadNodeSqlite } from "./load-node-sqlite.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { lacksSqliteTable, sqliteFault } from "./sqlite-fault.ts";
import { BLOCKING_WAIT_MS, whileLocked } from "./while-locked.ts";

const REPLACED: Fault = {
  reason: "it was removed or replaced while in use",
  remedy: "restart this process to create a new file",
};

const DIRECTORY: Fault = {
  reason: "it is a directory",
  remedy: ({ pathOption }) => `set the path of a file (${pathOption})`,
};

const NO_WAL: Fault = {
  reason: "its file system does not support shared memory, which the write-ahead log requires",
  remedy: ({ pathOption }) => `choose a file on a local disk (${pathOption})`,
};

/** An open SQLite file. */
export interface SqliteDatabase extends RegistryDatabase {
  /** The connection, for synchronous statements. Use it only within `use`. */
  readonly connection: DatabaseSync;
}

/**
 * Opens a SQLite file. A missing file or directory is created, accessible to this user only.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE` when the file cannot be created or opened.
 */
export async function openSqlite(path: string, purpose: DatabasePurpose): Promise<SqliteDatabase> {
  const unavailable = (thrown: unknown) =>
    thrown instanceof SnakepitError ? thrown : databaseUnavailable(purpose, path, sqliteFault(thrown), thrown);
  try {
    const file = prepareFile(path, purpose);
    const connection = await openFile(path, purpose);
    const statements = new SqliteConnection(connection);
    return {
      connection,
      purpose,
      place: path,
      kind: "sqlite",
      async use(work) {
        try {
          if (inodeOf(path) !== file) throw databaseUnavailable(purpose, path, REPLACED);
          return await work(statements);
        } catch (thrown) {
          throw unavailable(thrown);
        }
      },
      lacksTable: lacksSqliteTable,
      // An attempt that waits for a lock ends when the file is closed.
      breakOff: () => undefined,
      async close() {
        if (connection.isOpen) connection.close();
      },
    };
  } catch (thrown) {
    throw unavailable(thrown);
  }
}

// SQLite reports "unable to open database file" for every cause, but the file system reports the specific one. An
// existing file is not opened here, because closing it would drop the locks that SQLite holds on it in this process
// (https://www.sqlite.org/howtocorrupt.html, section 2.2).
function prepareFile(path: string, purpose: DatabasePurpose): number | undefined {
  createPrivateDirectory(dirname(path));
  accessSync(dirname(path), constants.W_OK | constants.X_OK);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) createFile(path);
  else if (found.isDirectory()) throw databaseUnavailable(purpose, path, DIRECTORY);
  else accessSync(path, constants.R_OK | constants.W_OK);
  return inodeOf(path);
}

// Creates a file that only this user can access. Another host may create it first.
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
    // A power failure can lose the last commits, but it also ends the processes that they describe.
    database.exec("pragma synchronous = normal");
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}
