import { invalidVariable } from "./invalid-variable.ts";
import { asNumberArray, exactFloat } from "./number-array.ts";
import { counted, kindOf, shownNumber, shownShape } from "./shown-value.ts";
import type { VariableConstraints } from "./variable-definition.ts";
import { isTensorDtype } from "./variable-type.ts";

/** Returns the numbers of an embedding: a float32 or float64 array unchanged; a list or an integer array as float64. */
export function checkEmbedding(name: string, value: unknown, constraints: VariableConstraints): ArrayBufferView {
  if (Array.isArray(value)) {
    checkDimensions(name, value.length, constraints);
    return floatsOf(name, value);
  }
  const array = asNumberArray(value);
  if (array === undefined) {
    const expected = "a list or a one-dimensional array of numbers";
    throw invalidVariable(name, "type", ` must be ${expected}; got ${kindOf(value)}`);
  }
  const { elements, shape, dtype } = array;
  const isFloat = dtype === "float32" || dtype === "float64";
  if (!isFloat && !/^u?int\d+$/.test(dtype)) {
    const problem = ` must be an array of float32, float64 or integers; got dtype ${dtype}; convert it to float32 first`;
    throw invalidVariable(name, "dtype", problem);
  }
  if (shape.length !== 1) {
    throw invalidVariable(name, "shape", ` must be an array of one dimension; got shape ${shownShape(shape)}`);
  }
  checkDimensions(name, elements.length, constraints);
  if (!isFloat) return floatsOf(name, elements);
  checkFinite(name, elements as ArrayLike<number>);
  return elements;
}

/** Returns an array of numbers or booleans unchanged. */
export function checkTensor(name: string, value: unknown, constraints: VariableConstraints): ArrayBufferView {
  const array = asNumberArray(value);
  if (array === undefined) {
    const problem = ` must be an array; got ${kindOf(value)}; create one with ndarray() (in Python, numpy.array())`;
    throw invalidVariable(name, "type", problem);
  }
  const { elements, shape, dtype } = array;
  if (!isTensorDtype(dtype)) {
    throw invalidVariable(name, "dtype", ` must be an array of numbers or booleans; got dtype ${dtype}`);
  }
  if (constraints.dtype !== undefined && constraints.dtype !== dtype) {
    throw invalidVariable(name, "dtype", ` must have the dtype ${constraints.dtype}; got ${dtype}; convert it first`);
  }
  if (constraints.shape !== undefined && !hasShape(shape, constraints.shape)) {
    const problem = ` must have the shape ${shownShape(constraints.shape)}; got ${shownShape(shape)}`;
    throw invalidVariable(name, "shape", problem);
  }
  return elements;
}

function checkDimensions(name: string, numbers: number, { dimensions }: VariableConstraints): void {
  if (dimensions === undefined || numbers === dimensions) return;
  throw invalidVariable(name, "shape", ` must have ${counted(dimensions, "number")}; got ${numbers}`);
}

function floatsOf(name: string, numbers: ArrayLike<unknown>): Float64Array {
  const floats = new Float64Array(numbers.length);
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index];
    const float = exactFloat(number);
    if (float !== undefined) floats[index] = float;
    else if (typeof number !== "bigint") {
      throw invalidVariable(name, "type", ` must contain only numbers; got ${kindOf(number)} at index ${index}`);
    } else {
      const problem = ` must contain only floats; got ${shownNumber(number)} at index ${index}, which no float represents exactly; round it first`;
      throw invalidVariable(name, "type", problem);
    }
  }
  checkFinite(name, floats);
  return floats;
}

function checkFinite(name: string, floats: ArrayLike<number>): void {
  for (let index = 0; index < floats.length; index++) {
    const float = floats[index] as number;
    if (Number.isFinite(float)) continue;
    const problem = ` must contain only finite numbers; got ${shownNumber(float)} at index ${index}`;
    throw invalidVariable(name, "range", problem);
  }
}

function hasShape(shape: readonly number[], expected: readonly (number | null)[]): boolean {
  return shape.length === expected.length && expected.every((size, index) => size === null || size === shape[index]);
}
