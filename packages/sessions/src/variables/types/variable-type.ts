/** The types of variables. */
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
 * The type of a variable.
 *
 * - `string`: a string.
 * - `integer`: an integer of any size. `3.0` is accepted; `true` is not.
 * - `float`: a double-precision number, including NaN and the infinities. An integer is accepted if a double represents it
 *   exactly.
 * - `boolean`
 * - `choice`: one of the strings in the constraint `choices`.
 * - `module`: a string with the path of a Python module or of an object in it: `pkg.mod`, `pkg.mod:Class`.
 * - `embedding`: a one-dimensional array of finite float32 or float64 numbers.
 * - `tensor`: an array of numbers or booleans of any shape.
 */
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** The names of constraints. */
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

/** The constraints that each type supports. */
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

/** The element types of a tensor, by their numpy names. */
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

/** The element type of a tensor. */
export type TensorDtype = (typeof TENSOR_DTYPES)[number];

export function isTensorDtype(value: unknown): value is TensorDtype {
  return (TENSOR_DTYPES as readonly unknown[]).includes(value);
}
