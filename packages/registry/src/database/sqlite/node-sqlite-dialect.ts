import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from "kysely";
import { whileLocked } from "./while-locked.ts";

/** Kysely's SQLite dialect on `node:sqlite`, for a file that several processes write. */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(database: DatabaseSync) {
    const config = { database: shapedForKysely(database) };
    super(config);
    this.#config = config;
  }

  override createDriver(): SqliteDriver {
    return new SharedFileDriver(this.#config);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter();
  }
}

// Kysely's driver is written for better-sqlite3, whose statements take their parameters as one array.
function shapedForKysely(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(text) {
      const statement = database.prepare(text);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
      };
    },
  };
}

class SharedFileDriver extends SqliteDriver {
  #connection: DatabaseConnection | undefined;

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= patient(await super.acquireConnection());
    return this.#connection;
  }

  // A transaction that only turns into a writer on the way fails when another connection has written since: it cannot wait
  // (https://www.sqlite.org/lang_transaction.html). One that begins as a writer waits at its beginning.
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}

function patient(connection: DatabaseConnection): DatabaseConnection {
  return {
    executeQuery: (query) => whileLocked(() => connection.executeQuery(query)),
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  };
}

// With this Kysely runs all migrations in one transaction, which SQLite is able to.
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * Returns `node:sqlite`. Node.js 22 warns once in each process that it is experimental, on the terminal of users who
 * have not chosen it. Only that warning is suppressed: the module is loaded synchronously, so that no other code runs
 * meanwhile.
 */
export function loadNodeSqlite(): typeof import("node:sqlite") {
  const { emitWarning } = process;
  const pass = emitWarning as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]) => {
    if (args[1] !== "ExperimentalWarning") pass(...args);
  };
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
