import { describeValue } from "../config/describe-value.ts";
import { durationMs } from "./duration.ts";

/**
 * What is wrong with an option that is to be a duration, with the form that works.
 *
 * @param name of the option.
 * @param least whether 0 is a duration here, or the option has to be greater.
 */
export function durationMistake(name: string, value: unknown, least: "zero" | "more"): string {
  const rule = least === "zero" ? "a duration" : "a duration greater than 0";
  const form = durationForm(name, value, least === "more");
  const otherwise = `write milliseconds, such as ${name}: 500, or a string such as ${name}: "30s"`;
  return `${name} must be ${rule}; got ${describeValue(value)}; ${form ?? otherwise}`;
}

/**
 * How to write what a value that is not accepted as a duration most likely means; `undefined` when that cannot be said.
 *
 * @param orNever whether `Infinity` is accepted.
 */
export function durationForm(name: string, value: unknown, orNever: boolean): string | undefined {
  if (value === 0 && orNever) return `write ${name}: Infinity for no limit, or leave it out for the default`;
  if (value === null) return "leave it out for the default";
  if (typeof value === "string") {
    const [, digits, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value) ?? [];
    if (digits !== undefined && unit === "") {
      return `write ${name}: ${digits} for milliseconds, or ${name}: "${digits}s" for seconds`;
    }
    const short = `${digits}${/^(milli|ms)/i.test(unit) ? "ms" : unit.slice(0, 1).toLowerCase()}`;
    if (digits !== undefined && durationMs(short) !== undefined) return `write ${name}: "${short}"`;
  }
  return undefined;
}
