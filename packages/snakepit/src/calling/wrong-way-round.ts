import { describeValue, SnakepitError } from "@snakepit/core";

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
