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
