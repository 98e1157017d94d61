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
export type Reject = (problem: string) => never;

const MAX_CHOICES = 1_000;
const MAX_CHOICE_CHARACTERS = 256;
/** The maximum number of dimensions of a numpy array. */
const MAX_SHAPE = 64;

/** Returns the value of a constraint in its stored form. */
export function readConstraint(
  constraint: ConstraintName,
  type: VariableType,
  value: unknown,
  reject: Reject,
): unknown {
  switch (constraint) {
    case "min":
    case "max":
      return type === "integer" ? readInteger(constraint, value, reject) : readFloat(constraint, value, reject);
    case "minLength":
    case "maxLength":
      return readCount(constraint, 0, value, reject);
    case "dimensions":
      return readCount(constraint, 1, value, reject);
    case "pattern":
      return readPattern(value, reject);
    case "choices":
      return readChoices(value, reject);
    case "shape":
      return readShape(value, reject);
    case "dtype":
      return readDtype(value, reject);
  }
}

function readInteger(constraint: string, value: unknown, reject: Reject): number | bigint {
  return exactInteger(value) ?? reject(`${constraint} must be an integer; got ${shownSetting(value)}`);
}

function readFloat(constraint: string, value: unknown, reject: Reject): number {
  const float = exactFloat(value);
  if (float !== undefined && Number.isFinite(float)) return float;
  return reject(`${constraint} must be a finite number that a float represents exactly; got ${shownSetting(value)}`);
}

function readCount(constraint: string, least: number, value: unknown, reject: Reject): number {
  const count = exactInteger(value);
  if (typeof count === "number" && count >= least) return count;
  return reject(`${constraint} must be an integer of at least ${least}; got ${shownSetting(value)}`);
}

function readPattern(value: unknown, reject: Reject): string {
  if (typeof value !== "string") return reject(`pattern must be a string; got ${kindOf(value)}`);
  if (!value.isWellFormed())
    return reject("pattern must be a well-formed string; got one with a lone surrogate; replace it first");
  try {
    StringPattern.of(value);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return reject(`pattern must be a regular expression in RE2 syntax; got ${quoted(value)}: ${error.message}`);
  }
  return value;
}

function readChoices(value: unknown, reject: Reject): readonly string[] {
  if (!Array.isArray(value)) return reject(`choices must be a list of strings; got ${kindOf(value)}`);
  if (value.length === 0 || value.length > MAX_CHOICES) {
    return reject(`choices must be 1 to ${MAX_CHOICES} strings; got ${value.length}`);
  }
  const choices = new Set<string>();
  for (const [index, choice] of (value as readonly unknown[]).entries()) {
    if (typeof choice !== "string") return reject(`choices must be strings; got ${kindOf(choice)} at index ${index}`);
    if (!choice.isWellFormed())
      return reject(
        `choices must be well-formed strings; got one with a lone surrogate at index ${index}; replace it first`,
      );
    if (choice.length > MAX_CHOICE_CHARACTERS && Array.from(choice).length > MAX_CHOICE_CHARACTERS) {
      return reject(
        `choices must have at most ${MAX_CHOICE_CHARACTERS} characters each; got a longer one at index ${index}`,
      );
    }
    if (choices.has(choice)) return reject(`choices must be unique; got ${quoted(choice)} twice`);
    choices.add(choice);
  }
  return [...choices];
}

function readShape(value: unknown, reject: Reject): readonly (number | null)[] {
  if (!Array.isArray(value)) return reject(`shape must be a list of sizes; got ${kindOf(value)}`);
  if (value.length > MAX_SHAPE) return reject(`shape must have at most ${MAX_SHAPE} sizes; got ${value.length}`);
  return Array.from(value as readonly unknown[], (size, index) => {
    if (size === null || size === undefined) return null;
    const count = exactInteger(size);
    if (typeof count === "number" && count >= 0) return count;
    const rule = "non-negative integers, or null for any size";
    return reject(`shape must consist of ${rule}; got ${shownSetting(size)} at index ${index}`);
  });
}

function readDtype(value: unknown, reject: Reject): TensorDtype {
  if (isTensorDtype(value)) return value;
  return reject(`dtype must be one of ${TENSOR_DTYPES.join(", ")}; got ${shownSetting(value)}`);
}
