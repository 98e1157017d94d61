import type { Kysely } from "kysely";
import type { Pool } from "pg";
import type { RegistryConnection, SqlValue } from "../registry-database.ts";
import { SCHEMA, type Tables } from "../schema.ts";
import { type NumberedStatement, numberedStatement } from "../statement-text.ts";

/** Executes the statements of the registry in a PostgreSQL database. */
export class PostgresqlConnection implements RegistryConnection {
  readonly #pool: Pool;
  readonly #statements = new Map<string, NumberedStatement>();
  #kysely: Kysely<Tables> | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async run<Row>(text: string, parameters: Readonly<Record<string, SqlValue>> = {}): Promise<readonly Row[]> {
    const statement = this.#statements.get(text) ?? numberedStatement(text, SCHEMA);
    this.#statements.set(text, statement);
    const { rows } = await this.#pool.query<Row & Record<string, unknown>>(statement.text, statement.bind(parameters));
    return rows;
  }

  async kysely(): Promise<Kysely<Tables>> {
    const { Kysely, PostgresDialect } = await import("kysely");
    this.#kysely ??= new Kysely<Tables>({ dialect: new PostgresDialect({ pool: this.#pool }) }).withSchema(SCHEMA);
    return this.#kysely;
  }
}
