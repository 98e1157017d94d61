import type { DatabasePurpose } from "./database-fault.ts";

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
  /** Executes several statements, which are not prepared. */
  runScript(script: string): Promise<void>;
  /** Runs `work` in a write transaction, which is rolled back when `work` rejects. No other work may run meanwhile. */
  transaction<Result>(work: (connection: RegistryConnection) => Promise<Result>): Promise<Result>;
}

/** An open SQLite or PostgreSQL database. */
export interface RegistryDatabase {
  /** The purpose for which it was opened. */
  readonly purpose: DatabasePurpose;
  /** The file, or the URL without its password. */
  readonly place: string;
  readonly kind: "sqlite" | "postgresql";
  /**
   * Runs `work` with the database, within a time limit. When the connection is lost, `work` may run twice, so it must
   * be idempotent.
   *
   * @throws SnakepitError `REGISTRY_UNAVAILABLE` for any failure.
   */
  use<Result>(work: (connection: RegistryConnection) => Promise<Result>): Promise<Result>;
  /** Whether an error means that a table does not exist. */
  lacksTable(thrown: unknown): boolean;
  /** Aborts pending work, which rejects, so that {@link close} does not wait for it. */
  breakOff(): void;
  /** Waits for pending work, then closes the database. */
  close(): Promise<void>;
}
