import { SnakepitError } from "../errors/snakepit-error.ts";
import { CHOICES, type ChoiceType } from "../events/choices.ts";
import { EVENTS } from "../events/event-catalogue.ts";
import type { EventField } from "../events/event-definition.ts";
import type { EventName } from "../events/gen/event-types.ts";
import { describeValue, isPlainObject } from "../validation/describe-value.ts";

/** Returns how an event differs from the catalogue: missing and unknown fields, and values of another type. */
export function eventProblems(name: EventName, event: Readonly<Record<string, unknown>>): readonly string[] {
  const definition = EVENTS[name];
  if (definition === undefined) return [`${name} is not in the catalogue`];
  const unknown = Object.keys(event).filter((key) => definition.fields[key] === undefined);
  const differing = Object.entries(definition.fields).flatMap(([key, field]) => {
    const value = event[key];
    if (value === undefined) return field.optional === true ? [] : [`${name}.${key} is missing`];
    return hasType(value, field) ? [] : [`${name}.${key} must be of type ${field.type}; got ${describeValue(value)}`];
  });
  return [...unknown.map((key) => `${name}.${key} is not in the catalogue`), ...differing];
}

function hasType(value: unknown, { type }: EventField): boolean {
  switch (type) {
    case "string":
      return typeof value === "string" && value !== "";
    case "strings":
      return Array.isArray(value) && value.every((each) => typeof each === "string");
    case "integer":
      return isCount(value);
    case "integers":
      return Array.isArray(value) && value.every(isCount);
    case "number":
      return typeof value === "number" && Number.isFinite(value) && value >= 0;
    case "boolean":
      return typeof value === "boolean";
    case "numbers":
      return isPlainObject(value) && Object.values(value).every((each) => typeof each === "number");
    case "object":
      return isPlainObject(value);
    case "error":
      return value instanceof SnakepitError;
    case "exit":
      return isPlainObject(value) && typeof value["requested"] === "boolean";
    default:
      return isChoice(value, type);
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isChoice(value: unknown, type: ChoiceType): boolean {
  return typeof value === "string" && value in CHOICES[type].values;
}
