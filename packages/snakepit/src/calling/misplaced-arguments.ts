import { describeValue, invalidConfig, isPoolOption, SnakepitError, type WorkerSpec } from "@snakepit/core";

/** Returns the error for options of `session()` in the place of the ID. */
export function sessionIdMisuse(given: object): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `the id of session() must be a string; got ${describeValue(given)}; write session("user-42", { … }), or session(undefined, { … }) for a new id`,
  );
}

/** Returns the error for `new Snakepit(…)`: JavaScript does not enforce the private constructor. */
export function constructorMisuse(): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    "a host must be started with Snakepit.start(); got new Snakepit(); write await Snakepit.start({ worker: … })",
  );
}

/** Returns the error for a first argument of `Snakepit.run()` that is not a function. */
export function mainMisuse(given: unknown): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `the first argument of Snakepit.run() must be a function; got ${describeValue(given)}; write Snakepit.run(async (pit) => { … }, { worker: … })`,
  );
}

/**
 * Returns the error for a worker in the place of the configuration: `Snakepit.start(python("./tools.py"), { size: 4
 * })`.
 */
export function configMisuse({ target }: WorkerSpec, options: unknown): SnakepitError {
  const others = poolOptions(options).map(([name, value]) => `, ${name}: ${JSON.stringify(value) ?? "…"}`);
  const remedy = `write Snakepit.start({ worker: python(${JSON.stringify(target)})${others.join("")} })`;
  return invalidConfig([{ path: "", problem: "must be an object of options; got a worker", remedy }]);
}

/**
 * Rejects options of a pool in the second argument of `Snakepit.start()` instead of the configuration.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkOptionsPlace(config: unknown, options: unknown): void {
  const [misplaced] = poolOptions(options);
  if (misplaced === undefined || typeof config !== "object" || config === null) return;
  const [name, value] = misplaced;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `${name} must be in the first argument of Snakepit.start(), the configuration; got it in the second; write Snakepit.start({ worker: …, ${name}: ${JSON.stringify(value) ?? "…"} })`,
  );
}

function poolOptions(options: unknown): [string, unknown][] {
  if (typeof options !== "object" || options === null) return [];
  return Object.entries(options).filter(([name]) => name !== "env" && isPoolOption(name));
}
