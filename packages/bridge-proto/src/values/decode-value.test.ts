import { SnakepitError } from "@snakepit/core";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryValue } from "../testing/arbitrary-value.ts";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";

/** Decodes arbitrary bytes: returns a value, or fails unless the error is SERIALIZATION. */
function decodeHostile(body: Uint8Array, buffers: readonly Uint8Array[] = []): void {
  try {
    decodeValue(body, buffers);
  } catch (error) {
    if (!(error instanceof SnakepitError) || error.code !== "SERIALIZATION") throw error;
  }
}

/** Factor of the numbers of examples: a release tries ten times as many. */
const EFFORT = LONG_TESTS ? 10 : 1;

describe("arbitrary bytes", () => {
  it("are decoded, or rejected with SERIALIZATION", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => decodeHostile(body)),
      { numRuns: 4_000 * EFFORT },
    );
  });

  it("are decoded, or rejected with SERIALIZATION, after the corruption of a valid value", () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(arbitraryValue, fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(), (value, changes, end) => {
        const { body, buffers } = encodeValue(value);
        const corrupted = Uint8Array.from(body);
        for (const [at, byte] of changes) corrupted[at % corrupted.length] = byte;
        decodeHostile(corrupted, buffers);
        decodeHostile(corrupted.subarray(0, end % (corrupted.length + 1)), buffers);
        decodeHostile(body, buffers.slice(1));
      }),
      { numRuns: 300 * EFFORT },
    );
  });

  it("allocate memory in proportion to their length", () => {
    const arrays = Buffer.from("dd000fffff".repeat(900), "hex");
    const before = process.memoryUsage();
    decodeHostile(Buffer.concat([Buffer.from("dd00ffffff", "hex"), Buffer.alloc(1000)]));
    decodeHostile(Buffer.concat([arrays, Buffer.alloc(1 << 20)]));
    const after = process.memoryUsage();
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(50_000_000);
  });

  it("may contain repeated keys, or only different ones", () => {
    const records = Array.from({ length: 5_000 }, (_, index) => ({ same: index, [`key${index}`]: index, "": index }));
    expect(decodeValue(encodeValue(records).body)).toEqual(records);
  });
});

describe("a decoded value", () => {
  it("contains views of its buffers", () => {
    const { body } = encodeValue({ bytes: new Uint8Array(20_000), numbers: new Float64Array(5_000) });
    const received = [new Uint8Array(20_000).fill(1), new Uint8Array(40_000)];
    const { bytes, numbers } = decodeValue(body, received) as { bytes: Uint8Array; numbers: Float64Array };
    expect(bytes.buffer).toBe(received[0]?.buffer);
    expect(numbers.buffer).toBe(received[1]?.buffer);
    expect(bytes).toEqual(received[0]);
  });

  it("contains copies of unaligned buffers", () => {
    const numbers = Float64Array.from({ length: 5_000 }, (_, index) => index / 3);
    const { body } = encodeValue(numbers);
    const shifted = new Uint8Array(40_003).subarray(3);
    shifted.set(new Uint8Array(numbers.buffer));
    expect(decodeValue(body, [shifted])).toEqual(numbers);
  });

  it("does not refer to its body", () => {
    const value = { bytes: Uint8Array.from([1, 2, 3]), numbers: Int32Array.from([4, 5]), text: "some text, not short" };
    const body = Uint8Array.from(encodeValue(value).body);
    const decoded = decodeValue(body);
    body.fill(0xff);
    expect(decoded).toEqual(value);
  });

  it("can be decoded from any Uint8Array", () => {
    const { body } = encodeValue({ text: "äöü and more than twelve" });
    const inside = new Uint8Array(body.length + 10);
    inside.set(body, 5);
    expect(decodeValue(inside.subarray(5, 5 + body.length))).toEqual({ text: "äöü and more than twelve" });
  });
});
