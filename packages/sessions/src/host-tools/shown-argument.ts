import { isPlainObject } from "@snakepit/core";
import { kindOf, shownSetting } from "../variables/types/shown-value.ts";

/** An argument as a message shows it: texts and numbers, long ones shortened, and of anything larger what it is. */
export function shownArgument(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (!isPlainObject(value)) return shownSetting(value);
  const names = Object.keys(value);
  return names.length === 0 ? "an empty map" : `${kindOf(value)} with ${listed(names)}`;
}

/** Names of entries that a message shows. */
const SHOWN_NAMES = 3;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES).map((name) => shownSetting(name));
  return shown.join(", ") + (names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : "");
}
