import { SnakepitError } from "@snakepit/core";

/** The reason why a database cannot be used, and the remedy. */
export interface Fault {
  readonly reason: string;
  /** A function when the remedy names an option, which depends on the purpose of the database. */
  readonly remedy: string | ((purpose: DatabasePurpose) => string);
}

/** Returns the error for a database that cannot be used. `details.place` contains its location. */
export function databaseUnavailable(
  purpose: DatabasePurpose,
  place: string,
  { reason, remedy }: Fault,
  cause?: unknown,
): SnakepitError {
  const remedyText = typeof remedy === "string" ? remedy : remedy(purpose);
  return new SnakepitError(
    "REGISTRY_UNAVAILABLE",
    `the ${purpose.name} ${place} cannot be used: ${reason}; ${remedyText}`,
    { cause, details: { place } },
  );
}

/** Returns the error for a database that was closed. */
export function databaseClosed(purpose: DatabasePurpose, place: string): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", `the ${purpose.name} ${place} is closed`, {
    details: { place },
  });
}

/** The purpose of a database. Error messages contain its name and the options for its location. */
export interface DatabasePurpose {
  /** The name in messages, without an article. */
  readonly name: string;
  /** The option for a SQLite file. */
  readonly pathOption: string;
  /** The option for a PostgreSQL database. */
  readonly urlOption: string;
  /** The name of the default SQLite file in the user's state directory. */
  readonly defaultFile: string;
}

/** The database that lists the processes of hosts. */
export const PROCESS_REGISTRY: DatabasePurpose = {
  name: "process registry",
  pathOption: "registry: { path }",
  urlOption: "registry: { url }",
  defaultFile: "registry.db",
};

/** The database of sessions, variables and programs. */
export const STATE_STORE: DatabasePurpose = {
  name: "state store",
  pathOption: "sessions: { store: { path } }",
  urlOption: "sessions: { store: { url } }",
  defaultFile: "state.db",
};
