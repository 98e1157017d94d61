import type { StateChange } from "@snakepit/core";
import type { DatabasePurpose } from "../database/database-fault.ts";
import type { StateDialect } from "./state-dialect.ts";
import type { Statement, StatementValue } from "./statement.ts";

/** Executes a statement and resolves with its rows. */
export type RunStatement = <Input extends Readonly<Record<string, StatementValue>>, Row>(
  statement: Statement<Input, Row>,
  input: Input,
) => Promise<readonly Row[]>;

/** A database of sessions, variables and programs. Any failure is `REGISTRY_UNAVAILABLE`. */
export interface StateDatabase {
  readonly kind: "sqlite" | "postgresql";
  readonly purpose: DatabasePurpose;
  /** The file, or the URL without its password. */
  readonly place: string;
  readonly dialect: StateDialect;
  /** Executes and commits a statement. A repeatable statement is retried when the connection is lost. */
  readonly run: RunStatement;
  /**
   * Executes several statements in a transaction, which is rolled back when `work` resolves with `undefined` or
   * rejects. The work may run more than once.
   */
  transaction<Result>(work: (run: RunStatement) => Promise<Result | undefined>): Promise<Result | undefined>;
  /** The changes of other stores. */
  readonly changes: ChangeFeed;
  /** Aborts pending work, which rejects. */
  breakOff(): void;
  /** Closes the database. No work may be pending. */
  close(): Promise<void>;
}

/** Exchanges changes between the stores that share a database. */
export interface ChangeFeed {
  /** Notifies other stores of a change that this store has committed. */
  publish(change: StateChange): void;
  /** Calls the listener with the changes of other stores, until {@link ChangeFeed.stop}. */
  listen(listener: (change: StateChange) => void): void;
  stop(): void;
}
