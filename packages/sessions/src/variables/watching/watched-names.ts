import { type EntryRecord, SnakepitError } from "@snakepit/core";
import { namePattern } from "../../store/name-pattern.ts";
import type { VariableEntries } from "../variable-entries.ts";
import { checkVariableName, checkWatchedName } from "../variable-name.ts";

/** Which variables are watched. */
export interface WatchedNames {
  includes(name: string): boolean;
  /** All that are there. */
  read(entries: VariableEntries): Promise<readonly EntryRecord[]>;
}

/**
 * @param names names, or a pattern.
 * @throws SnakepitError `INVALID_ARGUMENT` for a name or pattern that is none.
 */
export function watchedNames(names: string | readonly string[]): WatchedNames {
  if (Array.isArray(names)) {
    if (names.length === 0) throw nothingToWatch();
    for (const name of names) checkVariableName(name);
    const watched = new Set<string>(names);
    return { includes: (name) => watched.has(name), read: (entries) => entries.read([...watched]) };
  }
  checkWatchedName(names);
  return { includes: namePattern(names), read: (entries) => entries.list(names) };
}

function nothingToWatch(): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    "watch() was given an empty list of names, and would never tell anything; name a variable, or leave the names out for all",
    { details: { reason: "name" } },
  );
}
