import { mustBe } from "../validation/describe-value.ts";

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

/** Returns the milliseconds of a duration, or `undefined` if it is invalid (negative, NaN, unknown unit). */
export function durationMs(duration: unknown): number | undefined {
  if (typeof duration === "number") return duration >= 0 ? duration : undefined;
  if (typeof duration !== "string") return undefined;
  const match = DURATION.exec(duration);
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as DurationUnit];
}

/**
 * Returns the message for an option that is not a duration, with a valid form.
 *
 * @param name the option.
 * @param least `zero` if 0 is accepted; `more` if the duration must be greater.
 */
export function durationProblem(name: string, value: unknown, least: "zero" | "more"): string {
  const rule = least === "zero" ? "a duration" : "a duration greater than 0";
  const otherwise = `write milliseconds, such as ${name}: 500, or a string such as ${name}: "30s"`;
  const accepts = (ms: number) => least === "zero" || ms > 0;
  return mustBe(name, rule, value, durationForm(name, value, least === "more", accepts) ?? otherwise);
}

/**
 * Returns how to write what a rejected duration probably means; `undefined` when that cannot be inferred.
 *
 * @param orNever whether `Infinity` is accepted.
 * @param accepts whether the option accepts that many milliseconds; a rejected form is no remedy.
 */
export function durationForm(
  name: string,
  value: unknown,
  orNever: boolean,
  accepts: (ms: number) => boolean,
): string | undefined {
  if (value === 0 && orNever) return `write ${name}: Infinity for no limit, or omit it for the default`;
  if (value === null) return "omit it for the default";
  if (typeof value === "string") {
    const [, digits, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value) ?? [];
    if (digits !== undefined && unit === "") {
      return `write ${name}: ${digits} for milliseconds, or ${name}: "${digits}s" for seconds`;
    }
    const short = `${digits}${/^(milli|ms)/i.test(unit) ? "ms" : unit.slice(0, 1).toLowerCase()}`;
    const ms = durationMs(short);
    if (digits !== undefined && ms !== undefined && accepts(ms)) return `write ${name}: "${short}"`;
  }
  return undefined;
}
