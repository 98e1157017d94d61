import { SnakepitError } from "@snakepit/core";
import { quoted } from "./shown-value.ts";

/** In what way a value does not suit its variable; `definition`: it is the variable that was defined wrongly. */
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
 * A value or a definition is wrong. `details` has the `variable` and the `reason`, and the `constraint` where a
 * definition is wrong in one.
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
