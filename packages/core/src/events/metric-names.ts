import { CHOICES } from "./choices.ts";
import { EVENTS } from "./event-catalogue.ts";
import type { EventField } from "./event-definition.ts";
import type { EventName } from "./gen/event-types.ts";

/** Base units of Prometheus (https://prometheus.io/docs/practices/naming/#base-units), and the factors to them. */
const BASE_UNITS = {
  ms: { suffix: "seconds", factor: 1 / 1_000 },
  bytes: { suffix: "bytes", factor: 1 },
} as const;

/** The metric of a field with a unit. */
export interface FieldMetric {
  /** Its name in Prometheus, for example `snakepit_call_ended_duration_seconds`. */
  readonly name: string;
  /** The factor that converts a value of the field to the unit of the metric. */
  readonly factor: number;
}

/** Returns the name of the counter of an event in Prometheus, for example `snakepit_call_ended_total`. */
export function eventCounterName(name: EventName): string {
  return `${prefixOf(name)}_total`;
}

/** Returns the metric of a field; `undefined` for a field without a unit. */
export function fieldMetric(name: EventName, field: string): FieldMetric | undefined {
  const unit = EVENTS[name].fields[field]?.unit;
  if (unit === undefined) return undefined;
  const { suffix, factor } = BASE_UNITS[unit];
  const quantity = snakeCase(field.replace(/(?:Ms|Bytes)$/, ""));
  return { name: `${prefixOf(name)}_${quantity === suffix ? "" : `${quantity}_`}${suffix}`, factor };
}

/**
 * Returns the fields of an event that are labels of its metrics, because they have few values: the pool, the tool and
 * fields with one of several values. Of an error, the label is its code.
 */
export function labelFields(name: EventName): readonly string[] {
  return Object.entries(EVENTS[name].fields).flatMap(([field, definition]) => (isLabel(definition) ? [field] : []));
}

function isLabel({ type, isLabel: isMarked }: EventField): boolean {
  return isMarked === true || type === "error" || type in CHOICES;
}

function prefixOf(name: EventName): string {
  return `snakepit_${name.replaceAll(/[.-]/g, "_")}`;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
