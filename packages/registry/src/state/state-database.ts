import type { StateChange } from "@snakepit/core";
import type { DatabasePurpose } from "../database/database-fault.ts";
import type { StateDialect } from "./state-dialect.ts";
import type { Statement, StatementValue } from "./statement.ts";

/** Executes a statement; resolves to its rows. */
export type RunStatement = <Input extends Readonly<Record<string, StatementValue>>, Row>(
  statement: Statement<Input, Row>,
  input: Input,
) => Promise<readonly Row[]>;

/** A database that keeps sessions and what belongs to them. Whatever goes wrong is `REGISTRY_UNAVAILABLE`. */
export interface StateDatabase {
  readonly kind: "sqlite" | "postgresql";
  readonly purpose: DatabasePurpose;
  /** The file, or the URL without its password. */
  readonly place: string;
  readonly dialect: StateDialect;
  /** Executes a statement, which is committed then. One that may be repeated survives that a connection is lost. */
  readonly run: RunStatement;
  /**
   * Executes several statements, of which all are committed or none: none when `work` resolves to `undefined` or rejects.
   * May do the work more than once.
   */
  transaction<Result>(work: (run: RunStatement) => Promise<Result | undefined>): Promise<Result | undefined>;
  /** What others change. */
  readonly changes: ChangeFeed;
  /** Ends what is under way: it rejects. */
  breakOff(): void;
  /** Leaves nothing open. Nothing may be under way any more. */
  close(): Promise<void>;
}

/** Carries changes between the stores that share a database. */
export interface ChangeFeed {
  /** Lets other stores know of a change that this one has committed. */
  publish(change: StateChange): void;
  /** Receives the changes of other stores, from now on until {@link ChangeFeed.stop}. */
  listen(listener: (change: StateChange) => void): void;
  stop(): void;
}
