/** Milliseconds as a number, or a number with a unit: `"250ms"`, `"30s"`, `"5m"`, `"1h"`, `"1d"`. */
export type Duration = number | `${number}${DurationUnit}`;

type DurationUnit = "ms" | "s" | "m" | "h" | "d";

const UNIT_MS: Record<DurationUnit, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds of a duration, or `undefined` when it is not one (negative, NaN, unknown unit). */
export function durationMs(duration: unknown): number | undefined {
  if (typeof duration === "number") return duration >= 0 ? duration : undefined;
  if (typeof duration !== "string") return undefined;
  const match = DURATION.exec(duration);
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as DurationUnit];
}
