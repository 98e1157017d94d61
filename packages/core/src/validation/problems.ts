import { SnakepitError } from "../errors/snakepit-error.ts";

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
