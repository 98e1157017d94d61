import * as v from "valibot";
import type { ResolvedChurn, ResolvedCircuit, ResolvedPoison, ResolvedRetry } from "./gen/config-types.ts";
import type { GroupTable, ValueOption } from "./option.ts";
import { duration, flag, integer, override } from "./option-kinds.ts";

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
    doc: "First delay. A call that fails with `WORKER_CRASHED` at its first attempt is repeated once without a delay.",
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
    doc: "Number of workers that a call ends in a row until it is rejected. `0` rejects none.",
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

/** The options of the circuit breaker. */
export const CIRCUIT_OPTIONS = {
  failureRate: fraction({
    doc: "Part of the calls in the window that must fail to open the circuit.",
    example: "failureRate: 0.2",
    fallback: 0.5,
  }),
  minCalls: integer({
    doc: "Minimum number of calls in the window. With fewer, the circuit stays closed.",
    example: "minCalls: 20",
    min: 1,
    max: 1_000_000,
    fallback: 10,
  }),
  windowMs: duration({
    doc: "Length of the window in which calls are counted.",
    example: 'windowMs: "1m"',
    minMs: 10,
    fallback: 30_000,
  }),
  openMs: duration({
    doc: "Time that the circuit stays open. Then it is half-open: the next calls are probes.",
    example: 'openMs: "30s"',
    minMs: 1,
    fallback: 10_000,
  }),
  probes: integer({
    doc: "Number of calls that must succeed in the half-open circuit to close it. One failure opens it again. Further calls are rejected until then.",
    example: "probes: 3",
    min: 1,
    max: 1_000,
    fallback: 1,
  }),
  exceptions: flag({
    doc: "Whether an exception of a tool (`PYTHON_EXCEPTION`) is a failure. Otherwise it shows that the pool works.",
    example: "exceptions: true",
    fallback: false,
  }),
  scope: {
    doc: 'What has a circuit: `"pool"` for one of the whole pool, `"tool"` for one of each tool.',
    example: 'scope: "tool"',
    expects: '"pool" or "tool"',
    inputType: '"pool" | "tool"',
    resolvedType: '"pool" | "tool"',
    schema: v.picklist(["pool", "tool"]),
    fallback: { value: () => "pool", text: '`"pool"`' },
  },
} satisfies GroupTable<ResolvedCircuit>;

/** The options of the churn alert. */
export const CHURN_OPTIONS = {
  maxReplaced: override(
    integer({
      doc: "Maximum number of workers that are replaced in that period without a report.",
      example: "maxReplaced: 50",
      min: 1,
      max: 100_000,
      fallback: 1,
    }),
    "2 × the size, at least 10",
  ),
  withinMs: duration({
    doc: "Period in which replaced workers are counted.",
    example: 'withinMs: "1h"',
    minMs: 1,
    fallback: 300_000,
  }),
} satisfies GroupTable<ResolvedChurn>;

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
