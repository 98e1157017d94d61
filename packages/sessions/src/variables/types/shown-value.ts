import { types } from "node:util";
import { isPlainObject } from "@snakepit/core";
import { asNumberArray } from "./number-array.ts";

// What is written here is written in Python in the same words: `_session/variable_types/shown_value.py`.

/** Characters of a string that a message shows. */
const SHOWN_CHARACTERS = 60;

/** Integers from here on are too long to show. */
const LONG_INTEGER = 10n ** 40n;

/** Returns a string as a message shows it: in quotation marks, special characters escaped, the end of a long one left out. */
export function quoted(text: string): string {
  // A character has at most two code units, so this is enough, and no more of a long text is looked at.
  const characters = Array.from(text.slice(0, 2 * SHOWN_CHARACTERS + 2));
  if (characters.length <= SHOWN_CHARACTERS) return JSON.stringify(text);
  return JSON.stringify(`${characters.slice(0, SHOWN_CHARACTERS - 1).join("")}…`);
}

/** A number as a message shows it. */
export function shownNumber(value: number | bigint): string {
  if (typeof value === "number") return String(value);
  return value > -LONG_INTEGER && value < LONG_INTEGER ? String(value) : "an integer of more than 40 digits";
}

/** What a value is, without the value, which may be a secret. */
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

/** A value of a definition as a message shows it. */
export function shownSetting(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" || typeof value === "bigint") return shownNumber(value);
  return typeof value === "boolean" ? String(value) : kindOf(value);
}

/** A shape as a message shows it; `null` is any size. */
export function shownShape(shape: readonly (number | null)[]): string {
  return `[${shape.map((size) => size ?? "any").join(", ")}]`;
}

/** A few of something as a message lists them. */
export function listed(all: readonly string[]): string {
  if (all.length <= 10) return all.join(", ");
  return `${all.slice(0, 10).join(", ")} and ${all.length - 10} more`;
}

/** A number of things, with the word for one of them. */
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
