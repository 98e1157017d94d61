import * as v from "valibot";
import type { ResolvedPythonTelemetry } from "./gen/config-types.ts";
import type { GroupTable, ValueOption } from "./option.ts";
import { flag, fraction, integer } from "./option-kinds.ts";

const ALL: readonly string[] = Object.freeze(["*"]);
const NONE: readonly string[] = Object.freeze([]);
const PATTERN = /^(?:\*|[A-Za-z_][A-Za-z0-9_.:/-]*?(?:\.\*)?)$/;

/** The options of the spans and events of Python. */
export const PYTHON_TELEMETRY_OPTIONS = {
  enabled: flag({
    doc: "Whether workers record anything. Spans are recorded in calls that an OpenTelemetry SDK traces and while `python.span` has a listener; events while `python.event` has a listener, and in traced calls.",
    example: "enabled: false",
    fallback: true,
  }),
  sampling: fraction({
    doc: "Share of the calls whose spans and events are recorded. The calls of a trace are either all recorded or all not.",
    example: "sampling: 0.1",
    fallback: 1,
  }),
  spans: names({
    doc: "Spans that are recorded: all, none, or those with these names. `model.*` stands for all names that begin with `model.`. The execution of a call is always recorded.",
    example: 'spans: ["model.*"]',
  }),
  events: names({
    doc: "Events that are recorded, in the form of `spans`.",
    example: 'events: ["model.*", "cache.miss"]',
  }),
  maxPerSecond: integer({
    doc: "Maximum number of spans and events of a worker in a second. Further ones are dropped, and `python.dropped` reports their number.",
    example: "maxPerSecond: 10_000",
    min: 1,
    max: 1_000_000,
    fallback: 1_000,
  }),
  gc: flag({
    doc: "Whether each garbage collection of Python is reported while `python.gc` has a listener, or while metrics are measured.",
    example: "gc: true",
    fallback: false,
  }),
} satisfies GroupTable<ResolvedPythonTelemetry>;

/** A selection of names. */
function names(option: { readonly doc: string; readonly example: string }): ValueOption<readonly string[]> {
  return {
    ...option,
    expects: "true, false, or an array of names",
    expectsInside: 'a name, a name with ".*" at its end, or "*"',
    inputType: "boolean | readonly string[]",
    resolvedType: "readonly string[]",
    schema: v.union([
      v.pipe(
        v.boolean(),
        v.transform((all) => (all ? ALL : NONE)),
      ),
      v.array(v.pipe(v.string(), v.regex(PATTERN))),
    ]),
    fallback: { value: () => ALL, text: "`true`" },
  };
}
