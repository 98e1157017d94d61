import { SnakepitError } from "../errors/snakepit-error.ts";
import { type Duration, durationMs, durationProblem } from "../time/duration.ts";
import { isPlainObject, mustBe } from "./describe-value.ts";
import { nearestName } from "./nearest-name.ts";

/**
 * Rejects options with unknown names, because a misspelled option would have no effect.
 *
 * @param method name of the method, for the message.
 * @param names the options of the method.
 * @throws SnakepitError `INVALID_ARGUMENT`, with the most similar option.
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
 * Returns an optional duration in milliseconds, or `undefined` if it was omitted.
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
 * Returns an optional signal, or `undefined` if it was omitted.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`.
 */
export function optionSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  const problem = signal === undefined ? undefined : signalProblem(signal);
  if (problem === undefined) return signal;
  throw invalid(problem);
}

/**
 * Returns why a value is not an `AbortSignal`; `undefined` for a signal, including one of another realm or a polyfill.
 */
export function signalProblem(signal: unknown): string | undefined {
  if (isSignal(signal)) return undefined;
  if (isSignal((signal as Partial<AbortController> | null | undefined)?.signal)) {
    return "signal must be an AbortSignal; got an AbortController; write signal: controller.signal";
  }
  return mustBe("signal", "an AbortSignal", signal);
}

/** Returns the option that a value in the place of the options probably means. */
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

/** One problem of a configuration. */
export interface ConfigProblem {
  /** The path of the option, for example `pools.ml.size`; empty for the configuration as a whole. */
  readonly path: string;
  /** The problem, without the path, for example `must be an integer from 1 to 10000; got 0`. */
  readonly problem: string;
  /** How to fix it, for example `write for example size: 4`. */
  readonly remedy: string;
}

/**
 * Returns one error for all problems of a configuration. The message and `details.problems` contain all of them.
 *
 * @param subject the configuration, as the message begins.
 */
export function invalidConfig(problems: readonly ConfigProblem[], subject = "the configuration"): SnakepitError {
  const lines = problems.map(({ path, problem, remedy }) => `${path === "" ? subject : path} ${problem}; ${remedy}`);
  const [only = "", ...others] = lines;
  const about = problems[0]?.path === "" ? "" : `${subject} is invalid: `;
  const message =
    others.length === 0 ? about + only : `${subject} has ${lines.length} problems:\n  ${lines.join("\n  ")}`;
  return new SnakepitError("INVALID_CONFIG", message, { details: { problems } });
}
