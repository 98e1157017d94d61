import type { Kysely } from "kysely";
import type { DatabasePurpose } from "./database-fault.ts";
import type { Tables } from "./schema.ts";

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
  use<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result>;
  /** Whether an error means that a table does not exist. */
  lacksTable(thrown: unknown): boolean;
  /** Aborts pending work, which rejects, so that {@link close} does not wait for it. */
  breakOff(): void;
  /** Waits for pending work, then closes the database. */
  close(): Promise<void>;
}
