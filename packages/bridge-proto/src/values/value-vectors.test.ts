import { SnakepitError } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../testing/hex.ts";
import { fromNotation, toNotation } from "../testing/notation.ts";
import { readMalformedVectors, readValueVectors } from "../testing/value-vectors.ts";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";

const vectors = readValueVectors();

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

  it.each(readMalformedVectors())("are rejected if they are malformed: $name", ({ body, buffers }) => {
    const failure = failureOf(() => decodeValue(fromHex(body), buffers.map(fromHex)));
    expect(failure.code).toBe("SERIALIZATION");
    expect(failure.message).toMatch(/^cannot decode a value: /);
  });
});

function failureOf(run: () => unknown): SnakepitError {
  try {
    run();
  } catch (error) {
    if (error instanceof SnakepitError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
