import { SnakepitError } from "@snakepit/core";

/** Why a database cannot be used, and what to do. */
export interface Fault {
  readonly reason: string;
  /** A remedy that names an option depends on what the database is for. */
  readonly remedy: string | ((purpose: DatabasePurpose) => string);
}

/** The error for a database that cannot be used. `details.place` holds where it is. */
export function databaseUnavailable(
  purpose: DatabasePurpose,
  place: string,
  { reason, remedy }: Fault,
  cause?: unknown,
): SnakepitError {
  const whatToDo = typeof remedy === "string" ? remedy : remedy(purpose);
  return new SnakepitError(
    "REGISTRY_UNAVAILABLE",
    `the ${purpose.name} ${place} cannot be used: ${reason}; ${whatToDo}`,
    { cause, details: { place } },
  );
}

/** The error for a database that its owner has closed. */
export function databaseClosed(purpose: DatabasePurpose, place: string): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", `the ${purpose.name} ${place} is closed, with its host`, {
    details: { place },
  });
}

/** What a database is opened for. Messages name it, and the options that say where it is. */
export interface DatabasePurpose {
  /** What it is called in a sentence, without an article. */
  readonly name: string;
  /** The option that names a SQLite file. */
  readonly pathOption: string;
  /** The option that names a PostgreSQL database. */
  readonly urlOption: string;
  /** The SQLite file in the user's state directory that is used by default. */
  readonly defaultFile: string;
}

/** Which processes a host has started. */
export const PROCESS_REGISTRY: DatabasePurpose = {
  name: "process registry",
  pathOption: "registry: { path }",
  urlOption: "registry: { url }",
  defaultFile: "registry.db",
};

/** Sessions, and what belongs to them. */
export const STATE_STORE: DatabasePurpose = {
  name: "state store",
  pathOption: "sessions: { store: { path } }",
  urlOption: "sessions: { store: { url } }",
  defaultFile: "state.db",
};
