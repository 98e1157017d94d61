import type { EntryRecord, ValueCodec } from "@snakepit/core";
import { defineVariable, type VariableConstraints, type VariableDefinition } from "./types/variable-definition.ts";
import type { VariableType } from "./types/variable-type.ts";
import type { VariableMetadata } from "./variable-metadata.ts";

/** The value of each type as it is read. */
export interface VariableValues {
  readonly string: string;
  /** A number if it is a safe integer, otherwise a bigint. */
  readonly integer: number | bigint;
  readonly float: number;
  readonly boolean: boolean;
  readonly choice: string;
  readonly module: string;
  readonly embedding: Float32Array | Float64Array;
  /** A typed array with `shape` and `dtype`: an `NdArray`. */
  readonly tensor: ArrayBufferView & { readonly shape: readonly number[]; readonly dtype: string };
}

/** The accepted values of each type. */
export interface VariableInputs extends Omit<VariableValues, "float" | "embedding" | "tensor"> {
  readonly float: number | bigint;
  readonly embedding: readonly (number | bigint)[] | ArrayBufferView;
  readonly tensor: ArrayBufferView;
}

/** The constraints of each type. */
export interface TypeConstraints {
  readonly string: Pick<VariableConstraints, "minLength" | "maxLength" | "pattern">;
  readonly integer: Pick<VariableConstraints, "min" | "max">;
  readonly float: Pick<VariableConstraints, "min" | "max">;
  readonly boolean: Readonly<Record<never, never>>;
  readonly choice: Required<Pick<VariableConstraints, "choices">>;
  readonly module: Pick<VariableConstraints, "minLength" | "maxLength" | "pattern">;
  readonly embedding: Pick<VariableConstraints, "dimensions">;
  readonly tensor: Pick<VariableConstraints, "shape" | "dtype">;
}

/** The definition of a new variable. A choice requires `choices`. */
export type VariableDraft<T extends VariableType = VariableType> = T extends VariableType
  ? {
      readonly type: T;
      readonly value: VariableInputs[T];
      /** A JSON object of at most 32 entries and 4,096 bytes. */
      readonly metadata?: VariableMetadata | undefined;
    } & ("choice" extends T
      ? { readonly constraints: TypeConstraints[T] }
      : { readonly constraints?: TypeConstraints[T] | undefined })
  : never;

/** A variable to be registered whose type the compiler does not know. */
export interface DynamicVariableDraft {
  readonly type: string;
  readonly value: unknown;
  readonly constraints?: Readonly<Record<string, unknown>> | VariableConstraints | null | undefined;
  readonly metadata?: VariableMetadata | null | undefined;
}

/** A variable as it is stored. Times are milliseconds since 1970. */
export interface Variable {
  readonly name: string;
  readonly type: VariableType;
  readonly constraints: VariableConstraints;
  readonly metadata: VariableMetadata;
  readonly value: unknown;
  /**
   * Increases by 1 with each change. The version of a new variable is higher than any that a variable with its name
   * ever had in a session with this ID, so a version always identifies one value.
   */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The last writer: `host`, a worker's ID, or `client:` followed by the name of a client. */
  readonly updatedBy: string;
  /** The state before the last change; `undefined` when it was never changed. */
  readonly previous: PreviousVariableValue | undefined;
}

/** The state of a variable before its last change. */
export interface PreviousVariableValue {
  readonly value: unknown;
  readonly version: number;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** The JSON that {@link writeAttributes} returns. */
interface StoredAttributes {
  readonly type: string;
  readonly constraints: Readonly<Record<string, unknown>>;
  readonly metadata: VariableMetadata;
}

/** Returns the attributes of an entry: type, constraints and metadata as JSON. */
export function writeAttributes({ type, constraints }: VariableDefinition, metadata: VariableMetadata): string {
  return JSON.stringify({ type, constraints: withoutBigints(constraints), metadata });
}

/**
 * A cache of definitions by their attributes: variables are read far more often than registered. Limited to short
 * attributes, so that its size is bounded; frozen, since the definitions are shared.
 */
const definitions = new Map<string, VariableDefinition>();
const MAX_DEFINITIONS = 1_000;
const MAX_ATTRIBUTES_LENGTH = 1_000;

/** Returns the type and the constraints of the value of an entry. */
export function readDefinition({ name, attributes }: EntryRecord): VariableDefinition {
  const cached = definitions.get(attributes);
  if (cached !== undefined) return cached;
  const { type, constraints } = JSON.parse(attributes) as StoredAttributes;
  const definition = frozen(defineVariable(name, type, withBigints(constraints)));
  if (attributes.length <= MAX_ATTRIBUTES_LENGTH) {
    if (definitions.size >= MAX_DEFINITIONS) definitions.clear();
    definitions.set(attributes, definition);
  }
  return definition;
}

/** Returns an entry as a variable. */
export function readVariable(entry: EntryRecord, codec: ValueCodec): Variable {
  const { name, version, createdAt, updatedAt, updatedBy, previous } = entry;
  const { type, constraints } = readDefinition(entry);
  return {
    name,
    type,
    constraints,
    metadata: (JSON.parse(entry.attributes) as StoredAttributes).metadata,
    value: codec.decode(entry.value),
    version,
    createdAt,
    updatedAt,
    updatedBy,
    previous: previous && { ...previous, value: codec.decode(previous.value) },
  };
}

function frozen(definition: VariableDefinition): VariableDefinition {
  for (const constraint of Object.values(definition.constraints)) Object.freeze(constraint);
  Object.freeze(definition.constraints);
  return Object.freeze(definition);
}

/** JSON has no bigint, and `JSON.parse` would round it: such a bound is written as a string. */
function withoutBigints(constraints: VariableConstraints): Readonly<Record<string, unknown>> {
  const jsonBound = (bound: number | bigint | undefined) => (typeof bound === "bigint" ? String(bound) : bound);
  return { ...constraints, min: jsonBound(constraints.min), max: jsonBound(constraints.max) };
}

function withBigints(constraints: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { min, max } = constraints;
  return {
    ...constraints,
    ...(typeof min === "string" && { min: BigInt(min) }),
    ...(typeof max === "string" && { max: BigInt(max) }),
  };
}
