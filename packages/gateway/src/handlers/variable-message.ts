import { type OperationAnswers, SnakepitError } from "@snakepit/core";
import {
  type PreviousValue,
  type Variable,
  type VariableConstraints,
  type VariableHistory,
  VariableType,
} from "../grpc.ts";
import type { AnswerValues } from "../payloads/answer-values.ts";

type VariableAnswer = OperationAnswers["variables.register"];
type Constraints = VariableAnswer["constraints"];
type VariableDescription = OperationAnswers["variables.describe"];

/** Returns a variable as the message that a client receives. */
export function wireVariable(
  name: string,
  variable: VariableAnswer & { readonly metadata?: Readonly<Record<string, unknown>> },
  values: AnswerValues,
): Variable {
  return {
    name,
    type: typeOfName(variable.type),
    ...values.write(variable.value, nameInMessages(name)),
    version: variable.version,
    constraints: wireConstraints(variable.constraints),
    metadata: variable.metadata,
    history: undefined,
  };
}

/** Returns the times and the previous value of a variable as the message that a client receives. */
export function wireHistory(name: string, description: VariableDescription, values: AnswerValues): VariableHistory {
  return {
    createdAtUnixMs: Math.round(description.created_at),
    updatedAtUnixMs: Math.round(description.updated_at),
    updatedBy: description.updated_by,
    previous: wirePrevious(name, description.previous, values),
  };
}

/** Returns how error messages refer to a variable. */
export function nameInMessages(name: string): string {
  return `variable ${JSON.stringify(name)}`;
}

function wirePrevious(
  name: string,
  previous: VariableDescription["previous"],
  values: AnswerValues,
): PreviousValue | undefined {
  if (previous === null) return undefined;
  return {
    ...values.write(previous.value, `previous value of ${nameInMessages(name)}`),
    version: previous.version,
    updatedAtUnixMs: Math.round(previous.updated_at),
    updatedBy: previous.updated_by,
  };
}

/** The wire value for a dimension of any size. */
const ANY_SIZE = -1;

function wireConstraints(constraints: Constraints): VariableConstraints {
  const { min, max, minLength, maxLength, pattern, choices, dimensions, shape, dtype } = constraints;
  return {
    min: min === undefined ? undefined : Number(min),
    max: max === undefined ? undefined : Number(max),
    minLength,
    maxLength,
    pattern,
    choices: [...(choices ?? [])],
    dimensions,
    shape: shape && { sizes: shape.map((size) => size ?? ANY_SIZE) },
    dtype,
  };
}

/** Returns the constraints that a client sets for a variable. */
export function constraintsOf(constraints: VariableConstraints | undefined): Constraints {
  if (constraints === undefined) return {};
  const { choices, shape, ...rest } = constraints;
  const constraintsByName = Object.entries({
    ...rest,
    choices: choices.length === 0 ? undefined : choices,
    shape: shape?.sizes.map((size) => (size === ANY_SIZE ? null : size)),
  });
  return Object.fromEntries(constraintsByName.filter(([, value]) => value !== undefined));
}

/** The names of the variable types in operations. */
const NAMES: ReadonlyMap<VariableType, string> = new Map([
  [VariableType.STRING, "string"],
  [VariableType.INTEGER, "integer"],
  [VariableType.FLOAT, "float"],
  [VariableType.BOOLEAN, "boolean"],
  [VariableType.CHOICE, "choice"],
  [VariableType.MODULE, "module"],
  [VariableType.EMBEDDING, "embedding"],
  [VariableType.TENSOR, "tensor"],
]);

const TYPES = new Map(Array.from(NAMES, ([type, name]) => [name, type]));

/**
 * Returns the name of a variable type in operations.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when the type is unknown.
 */
export function nameOfType(type: VariableType): string {
  const name = NAMES.get(type);
  if (name !== undefined) return name;
  throw new SnakepitError("INVALID_ARGUMENT", `type must be a VariableType; got ${type}`);
}

/** Returns the type with this name; `UNSPECIFIED` for a name that the wire format does not have. */
export function typeOfName(name: string): VariableType {
  return TYPES.get(name) ?? VariableType.UNSPECIFIED;
}
