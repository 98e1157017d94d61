import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Kysely } from "kysely";
import type { RegistryConnection, SqlValue } from "../registry-database.ts";
import type { Tables } from "../schema.ts";
import { sqliteText } from "../statement-text.ts";
import { whileLocked } from "./while-locked.ts";

/** Executes the statements of the registry in a SQLite file to which several processes write. */
export class SqliteConnection implements RegistryConnection {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();
  #kysely: Kysely<Tables> | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async run<Row>(text: string, parameters: Readonly<Record<string, SqlValue>> = {}): Promise<readonly Row[]> {
    return await whileLocked(() => this.#prepare(text).all(parameters) as unknown as readonly Row[]);
  }

  async kysely(): Promise<Kysely<Tables>> {
    const { createKysely } = await import("./node-sqlite-dialect.ts");
    this.#kysely ??= createKysely(this.#database);
    return this.#kysely;
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
