import * as v from "valibot";
import type { ResolvedPoison, ResolvedRetry } from "./gen/config-types.ts";
import type { GroupTable, ValueOption } from "./option.ts";
import { duration, integer } from "./option-kinds.ts";

/** The options of retries. */
export const RETRY_OPTIONS = {
  attempts: integer({
    doc: "Maximum number of executions of a call, the first one included. `1` retries nothing.",
    example: "attempts: 5",
    min: 1,
    max: 100,
    fallback: 3,
  }),
  initialMs: duration({
    doc: "Delay before the second attempt.",
    example: 'initialMs: "50ms"',
    minMs: 0,
    fallback: 100,
  }),
  maxMs: duration({
    doc: "Maximum delay.",
    example: 'maxMs: "10s"',
    minMs: 0,
    fallback: 5_000,
  }),
  jitter: fraction({
    doc: "Part of each delay that is random, so that calls that failed together are not repeated together: `0.5` chooses between half of the delay and all of it.",
    example: "jitter: 1",
    fallback: 0.5,
  }),
} satisfies GroupTable<ResolvedRetry>;

/** The options of the crash barrier. */
export const POISON_OPTIONS = {
  crashes: integer({
    doc: "Number of workers that a call ends in a row until it is refused. `0` refuses none.",
    example: "crashes: 5",
    min: 0,
    max: 1_000,
    fallback: 3,
  }),
  withinMs: duration({
    doc: "Time after which a crash is forgotten, if no other one of the same call follows.",
    example: 'withinMs: "1h"',
    minMs: 1,
    fallback: 300_000,
  }),
} satisfies GroupTable<ResolvedPoison>;

/** A number from 0 to 1. */
function fraction(option: {
  readonly doc: string;
  readonly example: string;
  readonly fallback: number;
}): ValueOption<number> {
  const { fallback } = option;
  return {
    ...option,
    expects: "a number from 0 to 1",
    inputType: "number",
    resolvedType: "number",
    schema: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    fallback: { value: () => fallback, text: String(fallback) },
  };
}
