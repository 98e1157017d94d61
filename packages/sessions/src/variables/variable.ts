import type { EntryRecord, ValueCodec } from "@snakepit/core";
import { defineVariable, type VariableConstraints, type VariableDefinition } from "./types/variable-definition.ts";
import type { VariableType } from "./types/variable-type.ts";
import type { VariableMetadata } from "./variable-metadata.ts";

/** What values of each type are when they are read. */
export interface VariableValues {
  readonly string: string;
  /** A number where it is safe to be one, else a bigint. */
  readonly integer: number | bigint;
  readonly float: number;
  readonly boolean: boolean;
  readonly choice: string;
  readonly module: string;
  readonly embedding: Float32Array | Float64Array;
  /** A typed array with `shape` and `dtype`: an `NdArray`. */
  readonly tensor: ArrayBufferView & { readonly shape: readonly number[]; readonly dtype: string };
}

/** What is accepted as a value of each type. */
export interface VariableInputs extends Omit<VariableValues, "float" | "embedding" | "tensor"> {
  readonly float: number | bigint;
  readonly embedding: readonly (number | bigint)[] | ArrayBufferView;
  readonly tensor: ArrayBufferView;
}

/** The constraints that each type knows. */
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

/** A variable to be. A choice needs its `choices`. */
export type VariableDraft<T extends VariableType = VariableType> = T extends VariableType
  ? {
      readonly type: T;
      readonly value: VariableInputs[T];
      /** For whoever lists variables, as JSON: at most 32 entries and 4,096 bytes. */
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

/** What a variable is. Times are milliseconds since 1970. */
export interface Variable {
  readonly name: string;
  readonly type: VariableType;
  readonly constraints: VariableConstraints;
  readonly metadata: VariableMetadata;
  readonly value: unknown;
  /**
   * Grows by 1 with each change. That of a new variable is higher than any that a variable of its name had before in a
   * session of this id: a version that was read always stands for the value that was read with it.
   */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Who wrote it last: `host`, a worker's id, or `client:` and what a client calls itself. */
  readonly updatedBy: string;
  /** What was there before the last change; `undefined` when there was none. */
  readonly previous: PreviousVariableValue | undefined;
}

/** What a variable was before its last change. */
export interface PreviousVariableValue {
  readonly value: unknown;
  readonly version: number;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** What {@link writeAttributes} writes. */
interface StoredAttributes {
  readonly type: string;
  readonly constraints: Readonly<Record<string, unknown>>;
  readonly metadata: VariableMetadata;
}

/** The attributes of an entry: what is known of its value. */
export function writeAttributes({ type, constraints }: VariableDefinition, metadata: VariableMetadata): string {
  return JSON.stringify({ type, constraints: withoutBigints(constraints), metadata });
}

/**
 * Definitions by the attributes that they were read from: a variable is read far more often than one is registered. Only
 * of short ones, so that they stay small together; frozen, for they are handed out.
 */
const definitions = new Map<string, VariableDefinition>();
const MAX_DEFINITIONS = 1_000;
const MAX_ATTRIBUTES_LENGTH = 1_000;

/** What the value of an entry may be. */
export function readDefinition({ name, attributes }: EntryRecord): VariableDefinition {
  const known = definitions.get(attributes);
  if (known !== undefined) return known;
  const { type, constraints } = JSON.parse(attributes) as StoredAttributes;
  const definition = frozen(defineVariable(name, type, withBigints(constraints)));
  if (attributes.length <= MAX_ATTRIBUTES_LENGTH) {
    if (definitions.size >= MAX_DEFINITIONS) definitions.clear();
    definitions.set(attributes, definition);
  }
  return definition;
}

/** An entry as a variable, all of it. */
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

/** JSON has no bigint, and `JSON.parse` would round it: such a bound is written as text. */
function withoutBigints(constraints: VariableConstraints): Readonly<Record<string, unknown>> {
  const text = (bound: number | bigint | undefined) => (typeof bound === "bigint" ? String(bound) : bound);
  return { ...constraints, min: text(constraints.min), max: text(constraints.max) };
}

function withBigints(constraints: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { min, max } = constraints;
  return {
    ...constraints,
    ...(typeof min === "string" && { min: BigInt(min) }),
    ...(typeof max === "string" && { max: BigInt(max) }),
  };
}
