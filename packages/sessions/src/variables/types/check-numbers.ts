import { invalidVariable } from "./invalid-variable.ts";
import { exactFloat, exactInteger } from "./number-array.ts";
import { kindOf, shownNumber } from "./shown-value.ts";
import type { VariableConstraints } from "./variable-definition.ts";

/** Returns an integer: a number if it is a safe integer, otherwise a bigint. */
export function checkInteger(name: string, value: unknown, constraints: VariableConstraints): number | bigint {
  const integer = exactInteger(value);
  if (integer !== undefined) return withinBounds(name, integer, constraints);
  if (typeof value !== "number") throw invalidVariable(name, "type", ` must be an integer; got ${kindOf(value)}`);
  throw invalidVariable(name, "type", notAnInteger(value));
}

/** Returns a float. */
export function checkFloat(name: string, value: unknown, constraints: VariableConstraints): number {
  const float = exactFloat(value);
  if (float !== undefined) return withinBounds(name, float, constraints);
  if (typeof value !== "bigint") throw invalidVariable(name, "type", ` must be a float; got ${kindOf(value)}`);
  throw invalidVariable(
    name,
    "type",
    ` must be a float; got ${shownNumber(value)}, which no float represents exactly; round it first`,
  );
}

function notAnInteger(value: number): string {
  if (!Number.isInteger(value)) return ` must be an integer; got ${shownNumber(value)}; round it first`;
  return ` must be an integer; got ${shownNumber(value)}, a float too large to be exact; pass a bigint (in Python, an int)`;
}

function withinBounds<T extends number | bigint>(name: string, value: T, bounds: VariableConstraints): T {
  const { min, max } = bounds;
  if ((min === undefined || value >= min) && (max === undefined || value <= max)) return value;
  throw invalidVariable(name, "range", ` must be ${shownBounds(bounds)}; got ${shownNumber(value)}`);
}

function shownBounds({ min, max }: VariableConstraints): string {
  const least = min === undefined ? "" : shownNumber(min);
  const most = max === undefined ? "" : shownNumber(max);
  if (min === undefined) return `at most ${most}`;
  return max === undefined ? `at least ${least}` : `from ${least} to ${most}`;
}
