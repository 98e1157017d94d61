import { describeValue, isPlainObject, SnakepitError, signalProblem } from "@snakepit/core";
import { checkVariableName } from "./variable-name.ts";

/**
 * Accepts a list of names. A single text would be taken for its characters.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkVariableNames(names: unknown): asserts names is readonly string[] {
  if (!Array.isArray(names)) {
    throw wrong(`names of variables are given as a list, such as ["temperature"], not as ${describeValue(names)}`);
  }
  for (const name of names) checkVariableName(name);
}

/**
 * Accepts values by name.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkVariableValues(values: unknown): void {
  if (isPlainObject(values)) return;
  throw wrong(`values of variables are given by name, such as { temperature: 0.5 }, not as ${describeValue(values)}`);
}

/**
 * Accepts a list of writes. What stands in them is looked at one by one.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkVariableWrites(writes: unknown): void {
  const given = Array.isArray(writes) ? writes : [writes];
  const wrong = given.findIndex((write) => !isPlainObject(write));
  if (Array.isArray(writes) && wrong === -1) return;
  throw wrongWrites(Array.isArray(writes) ? `a list with ${describeValue(writes[wrong])}` : describeValue(writes));
}

/**
 * Accepts a function.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkVariableChange(name: string, change: unknown): void {
  if (typeof change === "function") return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `variable "${name}": update() takes a function of the present value, not ${describeValue(change)}; to write a value, use set()`,
    { details: { variable: name } },
  );
}

/**
 * Accepts the options of a write. A misspelt version would let the write be made whatever is there.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkWriteOptions(name: string, options: unknown): void {
  if (isPlainObject(options) && Object.keys(options).every((option) => option === "version")) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `variable "${name}": the options of set() are { version }, not ${describeValue(options)}`,
    { details: { variable: name } },
  );
}

/**
 * Accepts the options of a batch. With a misspelt one it would be written in part where all or nothing is meant.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkBatchOptions(method: "setMany" | "writeMany", options: unknown): void {
  const isKnown = isPlainObject(options) && Object.keys(options).every((option) => option === "atomic");
  const atomic = isKnown ? options["atomic"] : undefined;
  if (isKnown && (atomic === undefined || typeof atomic === "boolean")) return;
  const given = isKnown ? `atomic: ${describeValue(atomic)}` : describeValue(options);
  throw new SnakepitError("INVALID_ARGUMENT", `the options of ${method}() are { atomic: true | false }, not ${given}`, {
    details: { reason: "batch" },
  });
}

/**
 * Accepts the options of a watch. A signal that is not seen, because it stands alone or under another name, would never end
 * it.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkWatchOptions(options: unknown): void {
  if (!isPlainObject(options) || !Object.keys(options).every((option) => option === "signal")) {
    const given = signalProblem(options) === undefined ? "the AbortSignal itself" : describeValue(options);
    throw new SnakepitError("INVALID_ARGUMENT", `the options of watch() are { signal }, not ${given}`);
  }
  const { signal } = options;
  const problem = signal === undefined ? undefined : signalProblem(signal);
  if (problem !== undefined) throw new SnakepitError("INVALID_ARGUMENT", problem);
}

function wrongWrites(given: string): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `writes are given as a list, such as [{ name: "temperature", value: 0.5 }], not as ${given}`,
    { details: { reason: "batch" } },
  );
}

function wrong(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message, { details: { reason: "name" } });
}
