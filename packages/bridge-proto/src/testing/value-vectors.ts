import { readFileSync } from "node:fs";
import type { Notation } from "./notation.ts";

/** A value and its bytes, which are the same in both languages. */
export interface ValueVector {
  readonly name: string;
  readonly value: Notation;
  /** The decoded value in TypeScript, if it differs from that in Python. */
  readonly inTypeScript?: Notation;
  readonly body: string;
  readonly buffers: readonly string[];
  /** The languages whose encoder writes exactly these bytes; the others only decode them. */
  readonly sentBy: readonly ("python" | "typescript")[];
}

/** Malformed bytes. */
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
