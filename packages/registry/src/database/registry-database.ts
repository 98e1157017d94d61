import type { Kysely } from "kysely";
import type { DatabasePurpose } from "./database-fault.ts";
import type { Tables } from "./schema.ts";

/** The type of the parameters of a statement. */
export type SqlValue = string | number | null;

/** Executes statements. */
export interface RegistryConnection {
  /**
   * Executes a statement in the SQL that SQLite and PostgreSQL have in common, and resolves with its rows.
   *
   * @param text a constant, because each text is prepared once. `{hosts}` stands for the table `hosts` in the schema of
   *   the database, and `:name` for a parameter.
   */
  run<Row>(text: string, parameters?: Readonly<Record<string, SqlValue>>): Promise<readonly Row[]>;
  /** Returns the query builder for migrations. It is loaded only then, because that takes longer than all queries. */
  kysely(): Promise<Kysely<Tables>>;
}

/** An open SQLite or PostgreSQL database. */
export interface RegistryDatabase {
  /** The purpose for which it was opened. */
  readonly purpose: DatabasePurpose;
  /** The file, or the URL without its password. */
  readonly place: string;
  /** The schema of the tables; `undefined` for a database without schemas. */
  readonly schema: string | undefined;
  /**
   * Runs `work` with the database, within a time limit. When the connection is lost, `work` may run twice, so it must
   * be idempotent.
   *
   * @throws SnakepitError `REGISTRY_UNAVAILABLE` for any failure.
   */
  use<Result>(work: (connection: RegistryConnection) => Promise<Result>): Promise<Result>;
  /** Whether an error means that a table does not exist. */
  lacksTable(thrown: unknown): boolean;
  /**
   * Creates all tables in an empty database, as the migrations would, without loading them. Returns whether it did:
   * another process may have been first. `undefined` for a database that is always migrated.
   */
  readonly createTables: ((migrations: readonly string[]) => Promise<boolean>) | undefined;
  /** Aborts pending work, which rejects, so that {@link close} does not wait for it. */
  breakOff(): void;
  /** Waits for pending work, then closes the database. */
  close(): Promise<void>;
}
