import { types } from "node:util";
import { isPlainObject } from "@snakepit/core";
import { asNumberArray } from "./number-array.ts";

// Python produces the same messages: `_session/variable_types/shown_value.py`.

/** The maximum number of characters of a string in a message. */
const SHOWN_CHARACTERS = 60;

/** Integers of this size or more are too long for a message. */
const LONG_INTEGER = 10n ** 40n;

/** Formats a string for a message: in quotation marks, with escaped special characters, truncated if long. */
export function quoted(value: string): string {
  // A character has at most two code units, so this prefix is sufficient.
  const characters = Array.from(value.slice(0, 2 * SHOWN_CHARACTERS + 2));
  if (characters.length <= SHOWN_CHARACTERS) return JSON.stringify(value);
  return JSON.stringify(`${characters.slice(0, SHOWN_CHARACTERS - 1).join("")}…`);
}

/** Formats a number for a message. */
export function shownNumber(value: number | bigint): string {
  if (typeof value === "number") return String(value);
  return value > -LONG_INTEGER && value < LONG_INTEGER ? String(value) : "an integer of more than 40 digits";
}

/** Returns the kind of a value, without the value, which may be secret. */
export function kindOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return "a string";
    case "boolean":
      return "a boolean";
    case "number":
    case "bigint":
      return "a number";
    case "undefined":
      return "undefined";
    case "object":
      return value === null ? "null" : kindOfObject(value);
    default:
      return "an object";
  }
}

/** Formats a value of a definition for a message. */
export function shownSetting(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" || typeof value === "bigint") return shownNumber(value);
  return typeof value === "boolean" ? String(value) : kindOf(value);
}

/** Formats a shape for a message; `null` is any size. */
export function shownShape(shape: readonly (number | null)[]): string {
  return `[${shape.map((size) => size ?? "any").join(", ")}]`;
}

/** Formats a list for a message: the first 10 items and the number of the others. */
export function listed(all: readonly string[]): string {
  if (all.length <= 10) return all.join(", ");
  return `${all.slice(0, 10).join(", ")} and ${all.length - 10} more`;
}

/** Formats a count with its unit, in the plural if necessary. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

function kindOfObject(value: object): string {
  if (Array.isArray(value)) return "a list";
  const array = asNumberArray(value);
  if (array !== undefined) return `an array of ${array.dtype} with the shape ${shownShape(array.shape)}`;
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return "bytes";
  if (types.isSet(value)) return "a set";
  return types.isMap(value) || isPlainObject(value) ? "a map" : "an object";
}
