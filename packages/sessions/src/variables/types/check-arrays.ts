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
    throw invalidVariable(name, "type", ` takes ${expected}, not ${kindOf(value)}`);
  }
  const { elements, shape, dtype } = array;
  const isFloat = dtype === "float32" || dtype === "float64";
  if (!isFloat && !/^u?int\d+$/.test(dtype)) {
    const problem = ` takes an array of float32, float64 or integers, not of ${dtype}; convert it to float32 first`;
    throw invalidVariable(name, "dtype", problem);
  }
  if (shape.length !== 1) {
    throw invalidVariable(name, "shape", ` takes an array of one dimension, not of the shape ${shownShape(shape)}`);
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
    const problem = ` takes an array, not ${kindOf(value)}; make one with ndarray() (in Python, with numpy.array())`;
    throw invalidVariable(name, "type", problem);
  }
  const { elements, shape, dtype } = array;
  if (!isTensorDtype(dtype)) {
    throw invalidVariable(name, "dtype", ` takes an array of numbers or booleans, not of ${dtype}`);
  }
  if (constraints.dtype !== undefined && constraints.dtype !== dtype) {
    throw invalidVariable(name, "dtype", ` must have the dtype ${constraints.dtype}, not ${dtype}; convert it first`);
  }
  if (constraints.shape !== undefined && !hasShape(shape, constraints.shape)) {
    const problem = ` must have the shape ${shownShape(constraints.shape)}, not ${shownShape(shape)}`;
    throw invalidVariable(name, "shape", problem);
  }
  return elements;
}

function checkDimensions(name: string, numbers: number, { dimensions }: VariableConstraints): void {
  if (dimensions === undefined || numbers === dimensions) return;
  throw invalidVariable(name, "shape", ` must have ${counted(dimensions, "number")}, not ${numbers}`);
}

function floatsOf(name: string, numbers: ArrayLike<unknown>): Float64Array {
  const floats = new Float64Array(numbers.length);
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index];
    const float = exactFloat(number);
    if (float !== undefined) floats[index] = float;
    else if (typeof number !== "bigint") {
      throw invalidVariable(name, "type", ` takes numbers, and at index ${index} there is ${kindOf(number)}`);
    } else {
      const problem = ` takes floats, and no float is exactly ${shownNumber(number)} at index ${index}; round it first`;
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
    const problem = ` takes finite numbers, and at index ${index} there is ${shownNumber(float)}`;
    throw invalidVariable(name, "range", problem);
  }
}

function hasShape(shape: readonly number[], expected: readonly (number | null)[]): boolean {
  return shape.length === expected.length && expected.every((size, index) => size === null || size === shape[index]);
}
