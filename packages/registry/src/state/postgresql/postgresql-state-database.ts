import { SnakepitError } from "@snakepit/core";
import type { PoolClient } from "pg";
import { databaseUnavailable, STATE_STORE } from "../../database/database-fault.ts";
import { postgresqlFault } from "../../database/postgresql/postgresql-fault.ts";
import type { RunStatement, StateDatabase } from "../state-database.ts";
import { postgresqlDialect } from "../state-dialect.ts";
import { boundValues, type Statement, type StatementValue } from "../statement.ts";
import type { ChangeChannel } from "./change-channel.ts";
import type { StateConnections } from "./state-connections.ts";

/** A PostgreSQL database for state. */
export class PostgresqlStateDatabase implements StateDatabase {
  readonly kind = "postgresql";
  readonly purpose = STATE_STORE;
  readonly dialect = postgresqlDialect;
  readonly place: string;
  readonly changes: ChangeChannel;
  readonly #connections: StateConnections;

  constructor(place: string, connections: StateConnections, changes: ChangeChannel) {
    this.place = place;
    this.#connections = connections;
    this.changes = changes;
  }

  readonly run: RunStatement = (statement, input) =>
    this.#use(
      () => statement.repeatable,
      (client) => this.#execute(client, statement, input),
    );

  transaction<Result>(work: (run: RunStatement) => Promise<Result | undefined>): Promise<Result | undefined> {
    let isCommitting = false;
    return this.#use(
      () => !isCommitting,
      async (client) => {
        await client.query("begin");
        try {
          const result = await work((statement, input) => this.#execute(client, statement, input));
          isCommitting = result !== undefined;
          await client.query(isCommitting ? "commit" : "rollback");
          return result;
        } catch (thrown) {
          // When this fails too, the connection is lost, which also rolls back.
          await client.query("rollback").catch(() => undefined);
          throw thrown;
        }
      },
    );
  }

  breakOff(): void {
    this.#connections.breakOff();
  }

  async close(): Promise<void> {
    await this.changes.close();
    await this.#connections.close();
  }

  async #use<Result>(isRepeatable: () => boolean, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    try {
      return await this.#connections.use(isRepeatable, work);
    } catch (thrown) {
      if (thrown instanceof SnakepitError) throw thrown;
      throw databaseUnavailable(STATE_STORE, this.place, postgresqlFault(thrown), thrown);
    }
  }

  async #execute<Input extends Readonly<Record<string, StatementValue>>, Row>(
    client: PoolClient,
    statement: Statement<Input, Row>,
    input: Input,
  ): Promise<readonly Row[]> {
    const { name, postgresql } = statement;
    const query = { name, text: postgresql.text, values: boundValues(postgresql, input) };
    return (await client.query(query)).rows as readonly Row[];
  }
}
