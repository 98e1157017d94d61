import { describeValue, isPlainObject, SnakepitError, signalProblem } from "@snakepit/core";
import { checkVariableName } from "./variable-name.ts";

/**
 * Accepts an array of names. Rejects a single string, which would be iterated as its characters.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkVariableNames(names: unknown): asserts names is readonly string[] {
  if (!Array.isArray(names)) {
    throw wrong(`names of variables must be an array of strings, such as ["temperature"]; got ${describeValue(names)}`);
  }
  for (const name of names) checkVariableName(name);
}

/**
 * Accepts an object of values by name.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkVariableValues(values: unknown): void {
  if (isPlainObject(values)) return;
  throw wrong(
    `values of variables must be an object by name, such as { temperature: 0.5 }; got ${describeValue(values)}`,
  );
}

/**
 * Accepts an array of writes, which are validated one by one later.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkVariableWrites(writes: unknown): void {
  const given = Array.isArray(writes) ? writes : [writes];
  const wrong = given.findIndex((write) => !isPlainObject(write));
  if (Array.isArray(writes) && wrong === -1) return;
  throw wrongWrites(Array.isArray(writes) ? `an array with ${describeValue(writes[wrong])}` : describeValue(writes));
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
    `variable "${name}": the argument of update() must be a function of the current value; got ${describeValue(change)}; to write a value, use set()`,
    { details: { variable: name } },
  );
}

/**
 * Accepts the options of a write. With a misspelled `version`, the write would be unconditional.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkWriteOptions(name: string, options: unknown): void {
  if (isPlainObject(options) && Object.keys(options).every((option) => option === "version")) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `variable "${name}": the options of set() must be { version }; got ${describeValue(options)}`,
    { details: { variable: name } },
  );
}

/**
 * Accepts the options of a batch. With a misspelled `atomic`, a batch could be written in part.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkBatchOptions(method: "setMany" | "writeMany", options: unknown): void {
  const isKnown = isPlainObject(options) && Object.keys(options).every((option) => option === "atomic");
  const atomic = isKnown ? options["atomic"] : undefined;
  if (isKnown && (atomic === undefined || typeof atomic === "boolean")) return;
  const given = isKnown ? `atomic: ${describeValue(atomic)}` : describeValue(options);
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `the options of ${method}() must be { atomic: true | false }; got ${given}`,
    {
      details: { reason: "batch" },
    },
  );
}

/**
 * Accepts the options of a watch. A signal that is passed alone or under another name would never end the watch.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkWatchOptions(options: unknown): void {
  if (!isPlainObject(options) || !Object.keys(options).every((option) => option === "signal")) {
    const given = signalProblem(options) === undefined ? "the AbortSignal itself" : describeValue(options);
    throw new SnakepitError("INVALID_ARGUMENT", `the options of watch() must be { signal }; got ${given}`);
  }
  const { signal } = options;
  const problem = signal === undefined ? undefined : signalProblem(signal);
  if (problem !== undefined) throw new SnakepitError("INVALID_ARGUMENT", problem);
}

function wrongWrites(given: string): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `writes must be an array, such as [{ name: "temperature", value: 0.5 }]; got ${given}`,
    { details: { reason: "batch" } },
  );
}

function wrong(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message, { details: { reason: "name" } });
}
