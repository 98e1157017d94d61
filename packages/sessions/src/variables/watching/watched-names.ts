import type { EntryRecord } from "@snakepit/core";
import { namePattern } from "../../store/name-pattern.ts";
import type { VariableEntries } from "../variable-entries.ts";
import { checkNamePattern, checkVariableName } from "../variable-name.ts";

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
    for (const name of names) checkVariableName(name);
    const watched = new Set<string>(names);
    return { includes: (name) => watched.has(name), read: (entries) => entries.read([...watched]) };
  }
  checkNamePattern(names);
  return { includes: namePattern(names), read: (entries) => entries.list(names) };
}
