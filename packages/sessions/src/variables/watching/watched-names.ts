import { type EntryRecord, SnakepitError } from "@snakepit/core";
import { namePattern } from "../../store/name-pattern.ts";
import type { VariableEntries } from "../variable-entries.ts";
import { checkVariableName, checkWatchedName } from "../variable-name.ts";

/** The watched variables. */
export interface WatchedNames {
  includes(name: string): boolean;
  /** Reads all watched variables that exist. */
  read(entries: VariableEntries): Promise<readonly EntryRecord[]>;
}

/**
 * @param names names, or a pattern.
 * @throws SnakepitError `INVALID_ARGUMENT` for an invalid name or pattern, and for an empty array.
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
    "names of watch() must not be empty; name a variable, or omit the names to watch all",
    { details: { reason: "name" } },
  );
}
