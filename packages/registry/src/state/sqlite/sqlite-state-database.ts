import type { StatementSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { STATE_STORE } from "../../database/database-fault.ts";
import { openSqlite, type SqliteDatabase } from "../../database/sqlite/open-sqlite.ts";
import { whileLocked } from "../../database/sqlite/while-locked.ts";
import { migrate } from "../../migrations/migrate.ts";
import type { ChangeFeed, RunStatement, StateDatabase } from "../state-database.ts";
import { sqliteDialect } from "../state-dialect.ts";
import { boundValues, type Statement, type StatementValue } from "../statement.ts";
import { SqliteChanges } from "./sqlite-changes.ts";

/**
 * The number of statements after which the event loop runs. Statements are synchronous, so a caller that awaits many of
 * them would block everything else in this process.
 */
const STATEMENTS_PER_TURN = 64;

/** A SQLite file for state. */
class SqliteStateDatabase implements StateDatabase {
  readonly kind = "sqlite";
  readonly dialect = sqliteDialect;
  readonly changes: ChangeFeed;
  readonly #file: SqliteDatabase;
  readonly #compiled = new Map<string, StatementSync>();
  /** Resolves at the end of the open transaction. */
  #transaction: Promise<void> | undefined;
  /** The number of statements since the last turn of the event loop. */
  #statements = 0;
  #turn: Promise<void> | undefined;

  /** @param watchPeriodMs the interval of the checks for changes of other hosts, in milliseconds. */
  constructor(file: SqliteDatabase, watchPeriodMs: number) {
    this.#file = file;
    this.changes = new SqliteChanges(file.connection, watchPeriodMs);
  }

  get purpose() {
    return this.#file.purpose;
  }

  get place() {
    return this.#file.place;
  }

  readonly run: RunStatement = (statement, input) =>
    this.#file.use(() => this.#whenFree(() => this.#execute(statement, input)));

  transaction<Result>(work: (run: RunStatement) => Promise<Result | undefined>): Promise<Result | undefined> {
    return this.#file.use(async () => {
      const { connection } = this.#file;
      const { promise, resolve } = Promise.withResolvers<void>();
      await this.#whenFree(() => {
        connection.exec("begin immediate");
        this.#transaction = promise;
      });
      try {
        const result = await work(async (statement, input) => this.#execute(statement, input));
        if (result !== undefined) connection.exec("commit");
        return result;
      } finally {
        // A transaction that has not been committed.
        if (connection.isTransaction) connection.exec("rollback");
        this.#transaction = undefined;
        resolve();
      }
    });
  }

  breakOff(): void {
    this.#file.breakOff();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  // A connection has one transaction at a time, so other work waits. No code runs between the last check and the
  // attempt.
  #whenFree<Result>(attempt: () => Result): Promise<Result> {
    return whileLocked(async () => {
      this.#statements += 1;
      if (this.#statements > STATEMENTS_PER_TURN) await this.#nextTurn();
      while (this.#transaction !== undefined) await this.#transaction;
      return attempt();
    });
  }

  #nextTurn(): Promise<void> {
    this.#turn ??= setImmediate().then(() => {
      this.#statements = 0;
      this.#turn = undefined;
    });
    return this.#turn;
  }

  #execute<Input extends Readonly<Record<string, StatementValue>>, Row>(
    statement: Statement<Input, Row>,
    input: Input,
  ): readonly Row[] {
    let compiled = this.#compiled.get(statement.name);
    if (compiled === undefined) {
      compiled = this.#file.connection.prepare(statement.sqlite.text);
      this.#compiled.set(statement.name, compiled);
    }
    return compiled.all(...boundValues(statement.sqlite, input)) as unknown as readonly Row[];
  }
}

/**
 * Opens a SQLite file for state, and migrates its schema.
 *
 * @param watchPeriodMs the interval of the checks for changes of other hosts, in milliseconds.
 * @throws SnakepitError `REGISTRY_UNAVAILABLE` when the file cannot be used.
 */
export async function openSqliteState(path: string, watchPeriodMs: number): Promise<SqliteStateDatabase> {
  const file = await openSqlite(path, STATE_STORE);
  try {
    await migrate(file);
    return new SqliteStateDatabase(file, watchPeriodMs);
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}
