import { readFileSync } from "node:fs";
import type { Notation } from "./notation.ts";

/** A value and its bytes, on which both languages agree. */
export interface ValueVector {
  readonly name: string;
  readonly value: Notation;
  /** What the value is once it was read here, where JavaScript or this library tells less apart than Python. */
  readonly inTypeScript?: Notation;
  readonly body: string;
  readonly buffers: readonly string[];
  /** Whose encoder writes exactly these bytes; the others only read them. */
  readonly sentBy: readonly ("python" | "typescript")[];
}

/** Bytes that are no value. */
export type MalformedVector = Pick<ValueVector, "name" | "body" | "buffers">;

export function readValueVectors(): readonly ValueVector[] {
  return ["scalars", "containers", "extensions", "arrays"].flatMap((name) => read(name) as ValueVector[]);
}

export function readMalformedVectors(): readonly MalformedVector[] {
  return read("malformed") as MalformedVector[];
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8"));
}
