import { types } from "node:util";
import { SnakepitError } from "@snakepit/core";
import { isNdArray } from "./extensions/ndarray.ts";
import { jsonOfArray } from "./extensions/ndarray-json.ts";

/** How {@link toJsonValue} writes what JSON has no form for. */
export interface JsonValueOptions {
  /**
   * What becomes of an integer that a number does not hold exactly, in arrays too. `string` (default): its decimal digits.
   * `number`: the nearest number. `error`: a `SERIALIZATION` error. Integers up to 2^53 - 1 are always numbers.
   */
  readonly bigint?: "string" | "number" | "error";
}

/** Deeper values would exhaust the stack; what a worker sends is never as deep. */
const MAX_DEPTH = 1000;

/**
 * Returns a copy of a value that `JSON.stringify`, and so `res.json()`, writes without an error and without losing
 * something: arrays of numpy as nested arrays, a `Map` as an object (as an array of pairs unless all keys are strings),
 * a `Set` as an array, bytes as base64, and objects with `toJSON`, such as dates and decimals, as that says. `NaN` and
 * infinities stay, which `JSON.stringify` writes as `null`.
 *
 * @throws SnakepitError `SERIALIZATION` for a value that contains itself, and with `bigint: "error"` for an integer that a
 * number does not hold exactly.
 *
 * @example
 * res.json(toJsonValue(await pit.execute("statistics", { rows }), { bigint: "string" }));
 */
export function toJsonValue(value: unknown, { bigint = "string" }: JsonValueOptions = {}): unknown {
  const convertInteger = (integer: bigint): unknown => {
    const number = Number(integer);
    if (bigint === "number" || Number.isSafeInteger(number)) return number;
    if (bigint === "string") return integer.toString();
    throw new SnakepitError("SERIALIZATION", `cannot write ${integer} as a JSON number; use bigint: "string"`);
  };
  const convert = (part: unknown, depth: number): unknown => {
    if (typeof part === "bigint") return convertInteger(part);
    if (typeof part !== "object" || part === null) return part;
    if (depth > MAX_DEPTH) {
      throw new SnakepitError(
        "SERIALIZATION",
        `cannot write a value as JSON that contains itself, or is nested deeper than ${MAX_DEPTH}; send ids instead`,
      );
    }
    if (Array.isArray(part)) return part.map((element) => convert(element, depth + 1));
    if (types.isMap(part)) return convertMap(part, (element) => convert(element, depth + 1));
    if (types.isSet(part)) return Array.from(part, (element) => convert(element, depth + 1));
    if (types.isAnyArrayBuffer(part)) return Buffer.from(part).toString("base64");
    if (ArrayBuffer.isView(part)) return convertView(part, convertInteger);
    const { toJSON } = part as { toJSON?: unknown };
    if (typeof toJSON === "function") return convert(toJSON.call(part), depth + 1);
    return Object.fromEntries(Object.entries(part).map(([key, element]) => [key, convert(element, depth + 1)]));
  };
  return convert(value, 0);
}

function convertMap(map: ReadonlyMap<unknown, unknown>, convert: (part: unknown) => unknown): unknown {
  const entries = Array.from(map, ([key, element]) => [convert(key), convert(element)] as const);
  return [...map.keys()].every((key) => typeof key === "string") ? Object.fromEntries(entries) : entries;
}

function convertView(view: ArrayBufferView, convertInteger: (integer: bigint) => unknown): unknown {
  if (isNdArray(view)) return jsonOfArray(view, convertInteger);
  if (view instanceof DataView || types.isUint8Array(view)) {
    return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("base64");
  }
  return Array.from(view as unknown as ArrayLike<number | bigint>, (element) =>
    typeof element === "bigint" ? convertInteger(element) : element,
  );
}
