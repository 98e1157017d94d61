import { readFileSync } from "node:fs";
import { SnakepitError } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../testing/hex.ts";
import { fromNotation, type Notation, toNotation } from "../testing/notation.ts";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";

/** A value and its bytes, which are the same in both languages. */
interface ValueVector {
  readonly name: string;
  readonly value: Notation;
  /** The decoded value in TypeScript, if it differs from that in Python. */
  readonly inTypeScript?: Notation;
  readonly body: string;
  readonly buffers: readonly string[];
  /** The languages whose encoder writes exactly these bytes; the others only decode them. */
  readonly sentBy: readonly ("python" | "typescript")[];
}

const vectors = ["scalars", "containers", "extensions", "arrays"].flatMap((name) => read(name) as ValueVector[]);
const malformed = read("malformed") as Pick<ValueVector, "name" | "body" | "buffers">[];

describe("the vectors shared with Python", () => {
  it.each(vectors)("are decoded as the value: $name", ({ body, buffers, value, inTypeScript }) => {
    const decoded = decodeValue(fromHex(body), buffers.map(fromHex));
    expect(toNotation(decoded)).toEqual(inTypeScript ?? value);
  });

  const sent = vectors.filter(({ sentBy }) => sentBy.includes("typescript"));
  it.each(sent)("are encoded as the bytes: $name", ({ body, buffers, value }) => {
    const encoded = encodeValue(fromNotation(value));
    expect(toHex(encoded.body)).toBe(body);
    expect(encoded.buffers.map(toHex)).toEqual(buffers);
    expect(encoded.byteLength).toBe(
      encoded.buffers.reduce((bytes, buffer) => bytes + buffer.length, encoded.body.length),
    );
  });

  it.each(malformed)("are rejected if they are malformed: $name", ({ body, buffers }) => {
    const failure = failureOf(() => decodeValue(fromHex(body), buffers.map(fromHex)));
    expect(failure.code).toBe("SERIALIZATION");
    expect(failure.message).toMatch(/^cannot decode a value: /);
  });
});

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8"));
}

function failureOf(run: () => unknown): SnakepitError {
  try {
    run();
  } catch (error) {
    if (error instanceof SnakepitError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
