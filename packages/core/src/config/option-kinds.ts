import * as v from "valibot";
import { durationForm, durationMs } from "../time/duration.ts";
import type { Fallback, GroupOption, GroupTable, NamedGroupsOption, ValueOption } from "./option.ts";

/** The properties that every kind of option specifies. */
interface Described {
  readonly doc: string;
  readonly example: string;
}

interface Bounds<Value> {
  readonly min: number;
  readonly max: number;
  readonly fallback: number | Fallback<Value>;
}

/** Longer timers of Node.js fire immediately, because their delay has 31 bits (https://nodejs.org/api/timers.html). */
const LONGEST_TIMER_MS = 24 * 86_400_000;

/** An integer. */
export function integer(option: Described & Bounds<number>): ValueOption<number> {
  return {
    doc: option.doc,
    example: option.example,
    expects: `an integer from ${option.min} to ${option.max}`,
    inputType: "number",
    resolvedType: "number",
    schema: v.pipe(v.number(), v.integer(), v.minValue(option.min), v.maxValue(option.max)),
    fallback: fixed(option.fallback, String),
  };
}

/** An integer that limits something; by default there is no limit. */
export function limit(option: Described & { readonly min: number }): ValueOption<number> {
  return {
    doc: option.doc,
    example: option.example,
    expects: `an integer of at least ${option.min}, or Infinity`,
    inputType: "number",
    resolvedType: "number",
    schema: v.pipe(
      v.number(),
      v.minValue(option.min),
      v.check((value) => Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY),
    ),
    fallback: { value: () => Number.POSITIVE_INFINITY, text: "no limit" },
  };
}

/** A number from 0 to 1. */
export function fraction(option: Described & { readonly fallback: number }): ValueOption<number> {
  return {
    doc: option.doc,
    example: option.example,
    expects: "a number from 0 to 1",
    inputType: "number",
    resolvedType: "number",
    schema: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    fallback: fixed(option.fallback, String),
  };
}

/** A number within limits, or none. */
export function optionalNumber(
  option: Described & {
    readonly min: number;
    readonly max: number;
    readonly isInteger?: boolean;
    readonly fallback: string;
  },
): ValueOption<number | undefined> {
  const { min, max, isInteger = true } = option;
  const bounded = v.pipe(v.number(), v.minValue(min), v.maxValue(max));
  return {
    doc: option.doc,
    example: option.example,
    expects: `${isInteger ? "an integer" : "a number"} from ${min} to ${max}`,
    inputType: "number",
    resolvedType: "number | undefined",
    schema: v.optional(isInteger ? v.pipe(bounded, v.integer()) : bounded),
    fallback: { value: () => undefined, text: option.fallback },
  };
}

/** A duration that a timer supports; resolved to milliseconds. */
export function duration(
  option: Described & { readonly minMs: number; readonly orNever?: boolean; readonly fallback: number },
): ValueOption<number> {
  const { minMs, orNever = false } = option;
  const allowed = (ms: number) => ms >= minMs && (ms <= LONGEST_TIMER_MS || (orNever && ms === Infinity));
  const range = minMs === 0 ? "up to 24d" : `from ${formatDuration(minMs)} to 24d`;
  return {
    doc: option.doc,
    example: option.example,
    expects: `a duration ${range}${orNever ? ", or Infinity" : ""}`,
    inputType: "Duration",
    resolvedType: "number",
    schema: v.pipe(
      v.custom<number | string>((input) => allowed(durationMs(input) ?? Number.NaN)),
      v.transform((input) => durationMs(input) as number),
    ),
    // The example begins with the name of the option.
    remedy: (value) => durationForm(option.example.slice(0, option.example.indexOf(":")), value, orNever, allowed),
    fallback: fixed(option.fallback, formatDuration),
  };
}

/** A non-empty string. */
export function nonEmptyString(
  option: Described & { readonly expects: string; readonly fallback: string },
): ValueOption<string | undefined> {
  return {
    doc: option.doc,
    example: option.example,
    expects: option.expects,
    inputType: "string",
    resolvedType: "string | undefined",
    schema: v.optional(v.pipe(v.string(), v.nonEmpty())),
    fallback: { value: () => undefined, text: option.fallback },
  };
}

/** An array, by default empty. */
export function arrayOf<Item>(
  option: Described & {
    readonly expects: string;
    readonly expectsInside: string;
    readonly itemType: string;
    readonly item: v.GenericSchema<unknown, Item>;
  },
): ValueOption<readonly Item[]> {
  return {
    doc: option.doc,
    example: option.example,
    expects: option.expects,
    expectsInside: option.expectsInside,
    inputType: `readonly ${option.itemType}[]`,
    resolvedType: `readonly ${option.itemType}[]`,
    schema: v.array(option.item),
    fallback: { value: () => [], text: "none" },
  };
}

/** The default of a nested object in the documentation, where a table of its options follows. */
export const GROUP_DEFAULT = "see below";

/** A nested object of options, each of which is optional. */
export function group<Resolved>(option: {
  readonly doc: string;
  readonly example: string;
  readonly inputType: string;
  readonly resolvedType: string;
  readonly group: GroupOption<Resolved>["group"];
}): GroupOption<Resolved> {
  return { ...option, expects: "an object", fallback: { text: GROUP_DEFAULT } };
}

/** A nested object of options that switches something on: without it, the resolved value is `undefined`. */
export function optionalGroup<Resolved>(option: {
  readonly doc: string;
  readonly example: string;
  readonly inputType: string;
  readonly resolvedType: string;
  readonly group: GroupTable<Resolved>;
}): GroupOption<Resolved | undefined> {
  const group = option.group as GroupOption<Resolved | undefined>["group"];
  return { ...option, group, isOff: true, expects: "an object", fallback: { text: "off" } };
}

/** An object that maps names to objects of options. */
export function namedGroups<Resolved>(
  option: Described & {
    readonly itemTypes: NamedGroupsOption<unknown>["itemTypes"];
    readonly each: GroupTable<Resolved>;
  },
): NamedGroupsOption<Readonly<Record<string, Resolved>>> {
  const [input, resolved] = option.itemTypes;
  return {
    ...option,
    expects: "an object by name",
    inputType: `Readonly<Record<string, ${input}>>`,
    resolvedType: `Readonly<Record<string, ${resolved}>>`,
    fallback: { text: "none" },
  };
}

/** An option that overrides another one: without it, the resolved value is `undefined`. */
export function override<Resolved>(option: ValueOption<Resolved>, instead: string): ValueOption<Resolved | undefined> {
  const { schema, resolvedType, ...others } = option;
  return {
    ...others,
    schema: v.optional(schema) as v.GenericSchema<unknown, Resolved | undefined>,
    resolvedType: `${resolvedType} | undefined`,
    fallback: { value: () => undefined, text: instead },
  };
}

/** `true` or `false`. */
export function flag(option: Described & { readonly fallback: boolean }): ValueOption<boolean> {
  const { fallback } = option;
  return {
    doc: option.doc,
    example: option.example,
    expects: "true or false",
    inputType: "boolean",
    resolvedType: "boolean",
    schema: v.boolean(),
    fallback: { value: () => fallback, text: `\`${fallback}\`` },
  };
}

/** Formats milliseconds as a duration in the largest possible unit, such as `30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0";
  if (ms === Number.POSITIVE_INFINITY) return "never";
  for (const [unit, size] of [
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

function fixed(fallback: number | Fallback<number>, format: (value: number) => string): Fallback<number> {
  return typeof fallback === "number" ? { value: () => fallback, text: format(fallback) } : fallback;
}
