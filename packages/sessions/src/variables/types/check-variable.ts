import { checkEmbedding, checkTensor } from "./check-arrays.ts";
import { checkFloat, checkInteger } from "./check-numbers.ts";
import { checkChoice, checkModule, checkString } from "./check-strings.ts";
import { invalidVariable } from "./invalid-variable.ts";
import { kindOf } from "./shown-value.ts";
import type { VariableConstraints } from "./variable-definition.ts";
import type { VariableType } from "./variable-type.ts";

/**
 * Checks a value against the type and the constraints of its variable. Python implements the same rules and messages.
 *
 * @param constraints the result of `defineVariable`.
 * @returns the value to store: a safe integer as a number, an embedding as an array of floats. Arrays are copied only
 *   if they must be converted.
 * @throws SnakepitError `INVALID_ARGUMENT`; `details` contains the `variable` and the `reason`.
 */
export function checkVariable(
  type: VariableType,
  constraints: VariableConstraints,
  value: unknown,
  name: string,
): unknown {
  switch (type) {
    case "string":
      return checkString(name, value, constraints);
    case "integer":
      return checkInteger(name, value, constraints);
    case "float":
      return checkFloat(name, value, constraints);
    case "boolean":
      return checkBoolean(name, value);
    case "choice":
      return checkChoice(name, value, constraints);
    case "module":
      return checkModule(name, value, constraints);
    case "embedding":
      return checkEmbedding(name, value, constraints);
    case "tensor":
      return checkTensor(name, value, constraints);
  }
}

function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw invalidVariable(name, "type", ` must be a boolean; got ${kindOf(value)}`);
}
