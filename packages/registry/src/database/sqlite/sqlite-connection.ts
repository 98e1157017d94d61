import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { RegistryConnection, SqlValue } from "../registry-database.ts";
import { sqliteText } from "../statement-text.ts";
import { whileLocked } from "./while-locked.ts";

/** Executes the statements of the registry in a SQLite file to which several processes write. */
export class SqliteConnection implements RegistryConnection {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async run<Row>(text: string, parameters: Readonly<Record<string, SqlValue>> = {}): Promise<readonly Row[]> {
    return await whileLocked(() => this.#prepare(text).all(parameters) as unknown as readonly Row[]);
  }

  async runScript(script: string): Promise<void> {
    this.#database.exec(script);
  }

  // A read transaction that is upgraded to a write transaction fails when another connection has written in the
  // meantime (https://www.sqlite.org/lang_transaction.html). One that begins as a write transaction waits for the lock
  // instead.
  async transaction<Result>(work: (connection: RegistryConnection) => Promise<Result>): Promise<Result> {
    await whileLocked(() => this.#database.exec("begin immediate"));
    try {
      const result = await work(this);
      this.#database.exec("commit");
      return result;
    } finally {
      if (this.#database.isTransaction) this.#database.exec("rollback");
    }
  }

  #prepare(text: string): StatementSync {
    let statement = this.#prepared.get(text);
    if (statement === undefined) {
      statement = this.#database.prepare(sqliteText(text));
      this.#prepared.set(text, statement);
    }
    return statement;
  }
}
