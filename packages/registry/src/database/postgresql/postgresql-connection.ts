import type { Pool, PoolClient } from "pg";
import type { RegistryConnection, SqlValue } from "../registry-database.ts";
import { SCHEMA } from "../schema.ts";
import { type NumberedStatement, numberedStatement } from "../statement-text.ts";

/** Executes the statements of the registry in a PostgreSQL database. */
export class PostgresqlConnection implements RegistryConnection {
  readonly #pool: Pool;
  /** Executes everything; by default any connection of the pool. */
  readonly #client: Pool | PoolClient;
  readonly #statements = new Map<string, NumberedStatement>();

  constructor(pool: Pool, client: Pool | PoolClient = pool) {
    this.#pool = pool;
    this.#client = client;
  }

  async run<Row>(text: string, parameters: Readonly<Record<string, SqlValue>> = {}): Promise<readonly Row[]> {
    const statement = this.#statements.get(text) ?? numberedStatement(text, SCHEMA);
    this.#statements.set(text, statement);
    const { rows } = await this.#client.query<Row & Record<string, unknown>>(
      statement.text,
      statement.bind(parameters),
    );
    return rows;
  }

  async runScript(script: string): Promise<void> {
    await this.#client.query(script);
  }

  async transaction<Result>(work: (connection: RegistryConnection) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    let failure: unknown;
    try {
      await client.query("begin");
      const result = await work(new PostgresqlConnection(this.#pool, client));
      await client.query("commit");
      return result;
    } catch (thrown) {
      failure = thrown;
      throw thrown;
    } finally {
      // After a failure, the connection is closed, which also rolls back.
      client.release(failure !== undefined);
    }
  }
}
