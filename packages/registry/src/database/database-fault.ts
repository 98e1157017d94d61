import { SnakepitError } from "@snakepit/core";
import type { DatabasePurpose } from "./database-purpose.ts";

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
