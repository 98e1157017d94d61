/** What kinds of values a variable can have. */
export const VARIABLE_TYPES = [
  "string",
  "integer",
  "float",
  "boolean",
  "choice",
  "module",
  "embedding",
  "tensor",
] as const;

/**
 * What kind of values a variable has.
 *
 * - `string`: text.
 * - `integer`: a whole number of any size. A number such as `3.0` is one; `true` is none.
 * - `float`: a number of double precision, NaN and the infinities included. An integer is one where a double is exactly it.
 * - `boolean`
 * - `choice`: one of the texts that the constraint `choices` lists.
 * - `module`: the path of a Python module or of something in it, as text: `pkg.mod`, `pkg.mod:Class`.
 * - `embedding`: finite numbers in a row, as an array of float32 or float64.
 * - `tensor`: an array of numbers or booleans of any shape.
 */
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** What can be demanded of a value beyond its type. */
export type ConstraintName =
  | "min"
  | "max"
  | "minLength"
  | "maxLength"
  | "pattern"
  | "choices"
  | "dimensions"
  | "shape"
  | "dtype";

/** The constraints that each type knows. */
export const CONSTRAINTS_OF: Readonly<Record<VariableType, readonly ConstraintName[]>> = {
  string: ["minLength", "maxLength", "pattern"],
  integer: ["min", "max"],
  float: ["min", "max"],
  boolean: [],
  choice: ["choices"],
  module: ["minLength", "maxLength", "pattern"],
  embedding: ["dimensions"],
  tensor: ["shape", "dtype"],
};

export function isVariableType(value: unknown): value is VariableType {
  return (VARIABLE_TYPES as readonly unknown[]).includes(value);
}

/** Types of the elements of a tensor, as numpy names them. */
export const TENSOR_DTYPES = [
  "bool",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "float16",
  "float32",
  "float64",
  "complex64",
  "complex128",
] as const;

/** A type of the elements of a tensor. */
export type TensorDtype = (typeof TENSOR_DTYPES)[number];

export function isTensorDtype(value: unknown): value is TensorDtype {
  return (TENSOR_DTYPES as readonly unknown[]).includes(value);
}
