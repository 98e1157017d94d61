import type { Kysely } from "kysely";
import type { DatabasePurpose } from "./database-fault.ts";
import type { Tables } from "./tables.ts";

/** An open database, of either kind. */
export interface RegistryDatabase {
  /** What it was opened for. */
  readonly purpose: DatabasePurpose;
  /** The file, or the URL without its password. */
  readonly place: string;
  /** The schema that holds the tables, where the database has schemas. */
  readonly schema: string | undefined;
  /**
   * Does something with the database. Bounded in time; may be done twice when the connection is lost on the way, so it
   * must be the same to do it once or twice.
   *
   * @throws SnakepitError `REGISTRY_UNAVAILABLE`, whatever went wrong.
   */
  use<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result>;
  /** Returns whether an error means that a table does not exist. */
  lacksTable(thrown: unknown): boolean;
  /** Ends what is under way: it rejects, and {@link close} has nothing to wait for. */
  breakOff(): void;
  /** Waits for what is under way, and leaves nothing open. */
  close(): Promise<void>;
}
