import * as v from "valibot";
import { durationForm, durationMs } from "../time/duration.ts";
import type { Fallback, GroupOption, ValueOption } from "./option.ts";

/** What every kind of option says for itself. */
interface Described {
  readonly doc: string;
  readonly example: string;
}

interface Bounds<Value> {
  readonly min: number;
  readonly max: number;
  readonly fallback: number | Fallback<Value>;
}

/** Node's timers hold 31 bits of milliseconds and fire at once beyond (https://nodejs.org/api/timers.html). */
const LONGEST_TIMER_MS = 24 * 86_400_000;

/** A whole number. */
export function count(option: Described & Bounds<number>): ValueOption<number> {
  return {
    doc: option.doc,
    example: option.example,
    expects: `a whole number from ${option.min} to ${option.max}`,
    inputType: "number",
    resolvedType: "number",
    schema: v.pipe(v.number(), v.integer(), v.minValue(option.min), v.maxValue(option.max)),
    fallback: fixed(option.fallback, String),
  };
}

/** A time span that can be waited for, in milliseconds once resolved. */
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
    remedy: (value) => durationForm(option.example.slice(0, option.example.indexOf(":")), value, orNever),
    fallback: fixed(option.fallback, formatDuration),
  };
}

/** Text that is not empty. */
export function text(
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

/** A list; empty by default. */
export function listOf<Item>(
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

/** Options that stand together in an object of their own; each may be left out. */
export function group<Resolved>(option: {
  readonly doc: string;
  readonly example: string;
  readonly inputType: string;
  readonly resolvedType: string;
  readonly group: GroupOption<Resolved>["group"];
}): GroupOption<Resolved> {
  return { ...option, expects: "an object", fallback: { text: "see below" } };
}

/** A number of milliseconds as a person would write it. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0";
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
