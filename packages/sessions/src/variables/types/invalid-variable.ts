import { SnakepitError } from "@snakepit/core";
import { quoted } from "./shown-value.ts";

/** The rule that a value violates; `definition` if the definition of the variable is invalid. */
export type VariableFault =
  | "type"
  | "range"
  | "length"
  | "pattern"
  | "choice"
  | "module"
  | "shape"
  | "dtype"
  | "definition";

/**
 * Returns the error of an invalid value or definition. `details` contains the `variable` and the `reason`, and the invalid
 * `constraint` of a definition.
 *
 * @param problem the message after the variable's name.
 */
export function invalidVariable(
  name: string,
  reason: VariableFault,
  problem: string,
  constraint?: string,
): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `variable ${quoted(name)}${problem}`, {
    details: { variable: name, reason, ...(constraint === undefined ? {} : { constraint }) },
  });
}
