import { invalidVariable } from "./invalid-variable.ts";
import { exactFloat, exactInteger } from "./number-array.ts";
import { kindOf, shownNumber } from "./shown-value.ts";
import type { VariableConstraints } from "./variable-definition.ts";

/** Returns an integer: a number if it is a safe integer, otherwise a bigint. */
export function checkInteger(name: string, value: unknown, constraints: VariableConstraints): number | bigint {
  const integer = exactInteger(value);
  if (integer !== undefined) return withinBounds(name, integer, constraints);
  if (typeof value !== "number") throw invalidVariable(name, "type", ` takes an integer, not ${kindOf(value)}`);
  throw invalidVariable(name, "type", notAnInteger(value));
}

/** Returns a float. */
export function checkFloat(name: string, value: unknown, constraints: VariableConstraints): number {
  const float = exactFloat(value);
  if (float !== undefined) return withinBounds(name, float, constraints);
  if (typeof value !== "bigint") throw invalidVariable(name, "type", ` takes a float, not ${kindOf(value)}`);
  throw invalidVariable(name, "type", ` takes a float, and no float is exactly ${shownNumber(value)}; round it first`);
}

function notAnInteger(value: number): string {
  if (!Number.isInteger(value)) return ` takes an integer, not ${shownNumber(value)}; round it first`;
  return ` takes an integer, and ${shownNumber(value)} is a float too large to be one exactly; give a bigint (in Python, an int)`;
}

function withinBounds<T extends number | bigint>(name: string, value: T, bounds: VariableConstraints): T {
  const { min, max } = bounds;
  if ((min === undefined || value >= min) && (max === undefined || value <= max)) return value;
  throw invalidVariable(name, "range", ` must be ${shownBounds(bounds)}, not ${shownNumber(value)}`);
}

function shownBounds({ min, max }: VariableConstraints): string {
  const least = min === undefined ? "" : shownNumber(min);
  const most = max === undefined ? "" : shownNumber(max);
  if (min === undefined) return `at most ${most}`;
  return max === undefined ? `at least ${least}` : `from ${least} to ${most}`;
}
