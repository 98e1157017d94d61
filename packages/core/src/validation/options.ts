import { SnakepitError } from "../errors/snakepit-error.ts";
import { type Duration, durationMs, durationProblem } from "../time/duration.ts";
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
  throw invalid(durationProblem(name, duration, "zero"));
}

/**
 * Returns the signal among the options of a method; `undefined` when it was left out.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`.
 */
export function optionSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  const mistake = signal === undefined ? undefined : signalProblem(signal);
  if (mistake === undefined) return signal;
  throw invalid(mistake);
}

/** Returns why a value is not an `AbortSignal`; `undefined` when it is one, also of another realm or of a library. */
export function signalProblem(signal: unknown): string | undefined {
  if (isSignal(signal)) return undefined;
  if (isSignal((signal as Partial<AbortController> | null | undefined)?.signal)) {
    return "signal must be an AbortSignal; got an AbortController; write signal: controller.signal";
  }
  return mustBe("signal", "an AbortSignal", signal);
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

/** One mistake in a configuration. */
export interface ConfigProblem {
  /** Where it is, for example `pools.ml.size`; empty for the configuration as a whole. */
  readonly path: string;
  /** What is wrong there. */
  readonly problem: string;
  /** What to write instead. */
  readonly remedy: string;
}

/**
 * The one error for all mistakes of a configuration; they stand in its message and, as data, in `details.problems`.
 *
 * @param subject what has the mistakes, as the message begins.
 */
export function invalidConfig(problems: readonly ConfigProblem[], subject = "The configuration"): SnakepitError {
  const lines = problems.map(({ path, problem, remedy }) => `${path === "" ? "" : `${path}: `}${problem}; ${remedy}`);
  const [only = "", ...others] = lines;
  const message =
    others.length === 0
      ? `${subject} has a mistake: ${only}`
      : `${subject} has ${lines.length} mistakes:\n  ${lines.join("\n  ")}`;
  return new SnakepitError("INVALID_CONFIG", message, { details: { problems } });
}
