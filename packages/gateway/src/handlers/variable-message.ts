import {
  type PreviousValue,
  type Variable,
  type VariableConstraints,
  type VariableHistory,
  VariableType,
} from "@snakepit/bridge-proto/grpc";
import { type OperationAnswers, SnakepitError } from "@snakepit/core";
import type { AnswerValues } from "../payloads/answer-values.ts";

type VariableAnswer = OperationAnswers["variables.register"];
type Constraints = VariableAnswer["constraints"];
type VariableDescription = OperationAnswers["variables.describe"];

/** A variable as it goes to the client. */
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

/** What happened to a variable. */
export function wireHistory(name: string, description: VariableDescription, values: AnswerValues): VariableHistory {
  return {
    createdAtUnixMs: Math.round(description.created_at),
    updatedAtUnixMs: Math.round(description.updated_at),
    updatedBy: description.updated_by,
    previous: wirePrevious(name, description.previous, values),
  };
}

/** What a variable is called in messages. */
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
    ...values.write(previous.value, `the previous value of ${nameInMessages(name)}`),
    version: previous.version,
    updatedAtUnixMs: Math.round(previous.updated_at),
    updatedBy: previous.updated_by,
  };
}

/** Any number of elements in a dimension. */
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

/** What a client demands of a variable. */
export function constraintsOf(constraints: VariableConstraints | undefined): Constraints {
  if (constraints === undefined) return {};
  const { choices, shape, ...rest } = constraints;
  const given = Object.entries({
    ...rest,
    choices: choices.length === 0 ? undefined : choices,
    shape: shape?.sizes.map((size) => (size === ANY_SIZE ? null : size)),
  });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** What the types of variables are called in operations. */
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

/** @throws SnakepitError `INVALID_ARGUMENT` when there is no such type. */
export function nameOfType(type: VariableType): string {
  const name = NAMES.get(type);
  if (name !== undefined) return name;
  throw new SnakepitError("INVALID_ARGUMENT", `there is no variable type ${type}; set one of VariableType`);
}

/** The type of this name; `UNSPECIFIED` for one that the wire does not know. */
export function typeOfName(name: string): VariableType {
  return TYPES.get(name) ?? VariableType.UNSPECIFIED;
}
