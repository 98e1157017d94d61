import { types } from "node:util";
import type { UnsendableReason } from "../unsendable-reason.ts";
import { ZonedDate } from "./zoned-date.ts";

const INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * Returns why an array, a map, a set or a date with added properties cannot be sent: the properties would be lost.
 * Undefined if it has no added properties with a value, and for other objects.
 */
export function addedPropertiesReason(value: object): UnsendableReason | undefined {
  const className = classNameOf(value);
  if (className === undefined) return undefined;
  const names = Object.keys(value).filter(
    (name) => (value as Record<string, unknown>)[name] !== undefined && !(className === "an Array" && INDEX.test(name)),
  );
  if (names.length === 0) return undefined;
  const content = className === "a Date" ? "date: new Date(value)" : "items: [...value]";
  const properties = names.map((name) => `${JSON.stringify(name)}: value[${JSON.stringify(name)}]`);
  return {
    what: `${className} with the property ${names.join(", ")}`,
    remedy: `send { ${[content, ...properties].join(", ")} }`,
  };
}

function classNameOf(value: object): string | undefined {
  if (Array.isArray(value)) return "an Array";
  if (types.isMap(value)) return "a Map";
  if (types.isSet(value)) return "a Set";
  return types.isDate(value) && !(value instanceof ZonedDate) ? "a Date" : undefined;
}
