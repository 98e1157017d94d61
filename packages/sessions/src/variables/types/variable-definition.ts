import { types } from "node:util";
import { readConstraint } from "./constraint-values.ts";
import { invalidVariable } from "./invalid-variable.ts";
import { kindOf, shownNumber, shownSetting } from "./shown-value.ts";
import {
  CONSTRAINTS_OF,
  type ConstraintName,
  isVariableType,
  type TensorDtype,
  VARIABLE_TYPES,
  type VariableType,
} from "./variable-type.ts";

/** The constraints of a value in addition to its type. Each type supports some of them; bounds are inclusive. */
export interface VariableConstraints {
  /** The minimum (integer, float). */
  readonly min?: number | bigint | undefined;
  /** The maximum (integer, float). */
  readonly max?: number | bigint | undefined;
  /** The minimum number of characters (code points; string, module). */
  readonly minLength?: number | undefined;
  /** The maximum number of characters (code points; string, module). */
  readonly maxLength?: number | undefined;
  /**
   * A regular expression in RE2 syntax that must occur in the string, which has at most 5,000 characters (string,
   * module).
   */
  readonly pattern?: string | undefined;
  /** The allowed strings (choice, which requires it). */
  readonly choices?: readonly string[] | undefined;
  /** The number of elements (embedding). */
  readonly dimensions?: number | undefined;
  /** The size of each dimension; `null` for any size (tensor). */
  readonly shape?: readonly (number | null)[] | undefined;
  /** The element type (tensor). */
  readonly dtype?: TensorDtype | undefined;
}

/** The type and the constraints of a variable. */
export interface VariableDefinition {
  readonly type: VariableType;
  readonly constraints: VariableConstraints;
}

/** Pairs of constraints: the first must not exceed the second. */
const BOUNDS = [
  ["min", "max"],
  ["minLength", "maxLength"],
] as const;

/**
 * Reads a definition. Constraints that are `null` or `undefined` are treated as absent.
 *
 * @param name the name of the variable in messages.
 * @throws SnakepitError `INVALID_ARGUMENT`; `details` contains the `variable`, the reason `definition`, and the invalid
 *   `constraint`, if any.
 */
export function defineVariable(name: string, type: unknown, constraints: unknown): VariableDefinition {
  if (!isVariableType(type)) {
    const problem = `: type must be one of ${VARIABLE_TYPES.join(", ")}; got ${shownSetting(type)}`;
    throw invalidVariable(name, "definition", problem);
  }
  const given = constraintsGiven(name, constraints);
  rejectUnknownConstraint(name, type, given);
  const read: Record<string, unknown> = {};
  for (const constraint of CONSTRAINTS_OF[type]) {
    const value = given.get(constraint);
    if (value === undefined || value === null) continue;
    read[constraint] = readConstraint(constraint, type, value, (problem) => {
      throw invalidVariable(name, "definition", `: ${problem}`, constraint);
    });
  }
  if (type === "choice" && read["choices"] === undefined) {
    const problem = ": a choice requires the constraint choices, a list of the allowed strings";
    throw invalidVariable(name, "definition", problem, "choices");
  }
  const definition: VariableDefinition = { type, constraints: read };
  rejectCrossedBounds(name, definition.constraints);
  return definition;
}

function constraintsGiven(name: string, constraints: unknown): ReadonlyMap<unknown, unknown> {
  if (constraints === undefined || constraints === null) return new Map();
  if (types.isMap(constraints)) return constraints;
  if (kindOf(constraints) === "a map") return new Map(Object.entries(constraints));
  throw invalidVariable(name, "definition", `: constraints must be a map; got ${kindOf(constraints)}`);
}

function rejectUnknownConstraint(name: string, type: VariableType, given: ReadonlyMap<unknown, unknown>): void {
  const known = CONSTRAINTS_OF[type];
  const unknown = Array.from(given.keys(), shownKey).filter((key) => !(known as readonly string[]).includes(key));
  // Sorted, so that the message does not depend on the order of the constraints.
  const [first] = unknown.sort();
  if (first === undefined) return;
  const supported = known.length === 0 ? `${type} supports none` : `${type} supports ${known.join(", ")}`;
  const owners = VARIABLE_TYPES.filter((each) => CONSTRAINTS_OF[each].includes(first as ConstraintName));
  const problem =
    owners.length === 0
      ? `: unknown constraint ${first}; ${supported}`
      : `: the constraint ${first} applies to ${owners.join(", ")}, not to ${type}; ${supported}`;
  throw invalidVariable(name, "definition", problem, first);
}

/** Formats the name of a constraint; without quotation marks if it is an identifier. */
function shownKey(key: unknown): string {
  return typeof key === "string" && /^[A-Za-z]{1,60}$/.test(key) ? key : shownSetting(key);
}

function rejectCrossedBounds(name: string, constraints: VariableConstraints): void {
  for (const [least, most] of BOUNDS) {
    const [from, to] = [constraints[least], constraints[most]];
    if (from === undefined || to === undefined || from <= to) continue;
    const problem = `: ${least} must be at most ${most}; got ${least} ${shownNumber(from)} and ${most} ${shownNumber(to)}; exchange them`;
    throw invalidVariable(name, "definition", problem, least);
  }
}
