import { describeValue, invalidConfig, isPoolOption, SnakepitError, type WorkerSpec } from "@snakepit/core";

/** The options of `session()` stand where the id belongs. */
export function idComesFirst(given: object): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `session() takes an id and then options, and was given ${describeValue(given)} as the id; write session("user-42", { … }), or session(undefined, { … }) for a new id`,
  );
}

/** `new Snakepit(…)`, which is private to the compiler alone. */
export function startInstead(): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    "a host is not made with new, for it has to be waited for; write await Snakepit.start({ worker: … })",
  );
}

/** Something else stands where the function of `Snakepit.run()` belongs. */
export function mainComesFirst(given: unknown): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `Snakepit.run() takes a function and then the configuration, and was given ${describeValue(given)} as the function; write Snakepit.run(async (pit) => { … }, { worker: … })`,
  );
}

/** `Snakepit.start(python("./tools.py"), { size: 4 })`: the worker stands where the configuration belongs. */
export function workerIsNoConfig({ target }: WorkerSpec, options: unknown): SnakepitError {
  const others = poolOptions(options).map(([name, value]) => `, ${name}: ${JSON.stringify(value) ?? "…"}`);
  const remedy = `write Snakepit.start({ worker: python(${JSON.stringify(target)})${others.join("")} })`;
  return invalidConfig([{ path: "", problem: "it must be an object of options; got a worker", remedy }]);
}

/**
 * Refuses options of a pool that stand behind the configuration instead of in it.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function refuseMovedOptions(config: unknown, options: unknown): void {
  const [moved] = poolOptions(options);
  if (moved === undefined || typeof config !== "object" || config === null) return;
  const [name, value] = moved;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `${name} belongs into the configuration of Snakepit.start(), its first argument; write Snakepit.start({ worker: …, ${name}: ${JSON.stringify(value) ?? "…"} })`,
  );
}

function poolOptions(options: unknown): [string, unknown][] {
  if (typeof options !== "object" || options === null) return [];
  return Object.entries(options).filter(([name]) => name !== "env" && isPoolOption(name));
}
