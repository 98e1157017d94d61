import { SnakepitError } from "../errors/snakepit-error.ts";
import { type Duration, durationMs } from "../time/duration.ts";
import { isPlainObject, mustBe } from "./describe-value.ts";
import { nearestName } from "./nearest-name.ts";

/**
 * Rejects options with unknown names: a misspelled option would have no effect, and no one would notice.
 *
 * @param method the method that takes the options, for the message.
 * @param names the options of the method.
 * @throws SnakepitError `INVALID_ARGUMENT`, with the name that was probably meant.
 */
export function rejectUnknownOptions(method: string, options: object, names: readonly string[]): void {
  if (!isPlainObject(options)) {
    throw invalid(mustBe(`the options of ${method}()`, "an object", options, exampleFor(options, names)));
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const nearest = nearestName(name, names);
    const remedy = nearest === undefined ? `the options are ${names.join(", ")}` : `did you mean ${nearest}?`;
    throw invalid(`${name} is not an option of ${method}(); ${remedy}`);
  }
}

/**
 * Returns the milliseconds of a duration among the options of a method; `undefined` when it was left out.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, with the name of the option.
 */
export function optionMs(name: string, duration: Duration | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const ms = durationMs(duration);
  if (ms !== undefined) return ms;
  throw invalid(durationMistake(name, duration, "zero"));
}

/**
 * Returns the signal among the options of a method; `undefined` when it was left out.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`.
 */
export function optionSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  const mistake = signal === undefined ? undefined : signalMistake(signal);
  if (mistake === undefined) return signal;
  throw invalid(mistake);
}

/** Returns why a value is not an `AbortSignal`; `undefined` when it is one, also of another realm or of a library. */
export function signalMistake(signal: unknown): string | undefined {
  if (isSignal(signal)) return undefined;
  if (isSignal((signal as Partial<AbortController> | null | undefined)?.signal)) {
    return "signal must be an AbortSignal; got an AbortController; write signal: controller.signal";
  }
  return mustBe("signal", "an AbortSignal", signal);
}

/**
 * Returns why an option is not a duration, with the form that works.
 *
 * @param name the option.
 * @param least whether 0 is accepted, or the duration must be greater.
 */
export function durationMistake(name: string, value: unknown, least: "zero" | "more"): string {
  const rule = least === "zero" ? "a duration" : "a duration greater than 0";
  const otherwise = `write milliseconds, such as ${name}: 500, or a string such as ${name}: "30s"`;
  return mustBe(name, rule, value, durationForm(name, value, least === "more") ?? otherwise);
}

/**
 * Returns how to write what a rejected duration probably means; `undefined` when that cannot be inferred.
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

/** Returns how a value that stands in the place of the options is written as the option that it probably is. */
function exampleFor(value: unknown, names: readonly string[]): string | undefined {
  const duration = names.find((name) => name.endsWith("Ms"));
  if (typeof value === "number" && duration !== undefined) return `write { ${duration}: ${value} }`;
  if (value instanceof AbortSignal && names.includes("signal")) return "write { signal }";
  return undefined;
}

function isSignal(value: unknown): boolean {
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return typeof aborted === "boolean" && typeof addEventListener === "function";
}

function invalid(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message);
}
