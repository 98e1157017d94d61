import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from "kysely";
import type { Tables } from "../schema.ts";
import { whileLocked } from "./while-locked.ts";

/** Returns a query builder that executes queries on this connection. */
export function createKysely(database: DatabaseSync): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new NodeSqliteDialect(database) });
}

/** The SQLite dialect of Kysely for `node:sqlite`, for a file to which several processes write. */
class NodeSqliteDialect extends SqliteDialect {
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

// The driver of Kysely expects better-sqlite3, whose statements take their parameters as one array.
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
    this.#connection ??= retryWhileLocked(await super.acquireConnection());
    return this.#connection;
  }

  // A read transaction that is upgraded to a write transaction fails when another connection has written in the
  // meantime (https://www.sqlite.org/lang_transaction.html). One that begins as a write transaction waits for the lock
  // instead.
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}

function retryWhileLocked(connection: DatabaseConnection): DatabaseConnection {
  return {
    executeQuery: (query) => whileLocked(() => connection.executeQuery(query)),
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  };
}

// Makes Kysely run all migrations in one transaction, which SQLite supports.
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
