import { exactFloat, exactInteger } from "./number-array.ts";
import { kindOf, quoted, shownSetting } from "./shown-value.ts";
import { PatternError, StringPattern } from "./string-pattern.ts";
import {
  type ConstraintName,
  isTensorDtype,
  TENSOR_DTYPES,
  type TensorDtype,
  type VariableType,
} from "./variable-type.ts";

/** Rejects a constraint with the reason; never returns. */
export type Refuse = (problem: string) => never;

const MAX_CHOICES = 1_000;
const MAX_CHOICE_CHARACTERS = 256;
/** The maximum number of dimensions of a numpy array. */
const MAX_SHAPE = 64;

/** Returns the value of a constraint in its stored form. */
export function readConstraint(
  constraint: ConstraintName,
  type: VariableType,
  value: unknown,
  refuse: Refuse,
): unknown {
  switch (constraint) {
    case "min":
    case "max":
      return type === "integer" ? readInteger(constraint, value, refuse) : readFloat(constraint, value, refuse);
    case "minLength":
    case "maxLength":
      return readCount(constraint, 0, value, refuse);
    case "dimensions":
      return readCount(constraint, 1, value, refuse);
    case "pattern":
      return readPattern(value, refuse);
    case "choices":
      return readChoices(value, refuse);
    case "shape":
      return readShape(value, refuse);
    case "dtype":
      return readDtype(value, refuse);
  }
}

function readInteger(constraint: string, value: unknown, refuse: Refuse): number | bigint {
  return exactInteger(value) ?? refuse(`${constraint} must be an integer, not ${shownSetting(value)}`);
}

function readFloat(constraint: string, value: unknown, refuse: Refuse): number {
  const float = exactFloat(value);
  if (float !== undefined && Number.isFinite(float)) return float;
  return refuse(`${constraint} must be a number that a float is exactly, and finite, not ${shownSetting(value)}`);
}

function readCount(constraint: string, least: number, value: unknown, refuse: Refuse): number {
  const count = exactInteger(value);
  if (typeof count === "number" && count >= least) return count;
  return refuse(`${constraint} must be a whole number from ${least} on, not ${shownSetting(value)}`);
}

function readPattern(value: unknown, refuse: Refuse): string {
  if (typeof value !== "string") return refuse(`pattern must be a string, not ${kindOf(value)}`);
  if (!value.isWellFormed()) return refuse("pattern must be a well-formed string; got one with a lone surrogate");
  try {
    StringPattern.of(value);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return refuse(`pattern must be a regular expression in RE2 syntax; got ${quoted(value)}: ${error.message}`);
  }
  return value;
}

function readChoices(value: unknown, refuse: Refuse): readonly string[] {
  if (!Array.isArray(value)) return refuse(`choices must be a list of strings, not ${kindOf(value)}`);
  if (value.length === 0 || value.length > MAX_CHOICES) {
    return refuse(`choices must be 1 to ${MAX_CHOICES} strings, not ${value.length}`);
  }
  const choices = new Set<string>();
  for (const [index, choice] of (value as readonly unknown[]).entries()) {
    if (typeof choice !== "string")
      return refuse(`choices must be strings, and at index ${index} there is ${kindOf(choice)}`);
    if (!choice.isWellFormed())
      return refuse(`the choice at index ${index} has half of a surrogate pair in it; replace it`);
    if (choice.length > MAX_CHOICE_CHARACTERS && Array.from(choice).length > MAX_CHOICE_CHARACTERS) {
      return refuse(`the choice at index ${index} has more than ${MAX_CHOICE_CHARACTERS} characters; shorten it`);
    }
    if (choices.has(choice)) return refuse(`the choice ${quoted(choice)} is listed twice; list it once`);
    choices.add(choice);
  }
  return [...choices];
}

function readShape(value: unknown, refuse: Refuse): readonly (number | null)[] {
  if (!Array.isArray(value)) return refuse(`shape must be a list of sizes, not ${kindOf(value)}`);
  if (value.length > MAX_SHAPE) return refuse(`shape must have at most ${MAX_SHAPE} sizes, not ${value.length}`);
  return Array.from(value as readonly unknown[], (size, index) => {
    if (size === null || size === undefined) return null;
    const count = exactInteger(size);
    if (typeof count === "number" && count >= 0) return count;
    const rule = "whole numbers from 0 on, or null for any size";
    return refuse(`shape must be ${rule}, and at index ${index} there is ${shownSetting(size)}`);
  });
}

function readDtype(value: unknown, refuse: Refuse): TensorDtype {
  if (isTensorDtype(value)) return value;
  return refuse(`there is no dtype ${shownSetting(value)} for tensors; use one of ${TENSOR_DTYPES.join(", ")}`);
}
