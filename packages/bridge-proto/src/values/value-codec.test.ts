import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryValue } from "../testing/arbitrary-value.ts";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";
import { valueCodec } from "./value-codec.ts";

// Greater than the maximum length of an array.
const codec = valueCodec(100_000_000);

describe("a stored value", () => {
  test("comes back as it does from a worker, whatever it is", () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        const { body, buffers } = encodeValue(value);
        expect(codec.decode(codec.encode(value, "value"))).toEqual(decodeValue(body, buffers));
      }),
    );
  });

  test("may lie at any place of a larger buffer, and shares no memory with it", () => {
    const bytes = codec.encode({ numbers: new Float64Array(1_000).fill(0.5) }, "value");
    const shifted = new Uint8Array(bytes.byteLength + 3);
    shifted.set(bytes, 3);
    const value = codec.decode(shifted.subarray(3)) as { numbers: Float64Array };
    shifted.fill(0);
    expect(value.numbers).toEqual(new Float64Array(1_000).fill(0.5));
  });

  test("is rejected when it is too large or cannot be sent", () => {
    expect(() => valueCodec(1_000).encode("x".repeat(1_001), 'variable "text"')).toThrow(/variable "text"/);
    expect(() => codec.encode({ at: () => 1 }, 'variable "f"')).toThrow(/variable "f"\.at/);
  });

  test.each([0, 1, 5, 8, 9, 20, -1])("is rejected if it is truncated to %i bytes", (length) => {
    const bytes = codec.encode({ numbers: new Float64Array(1_000) }, "value");
    expect(() => codec.decode(bytes.subarray(0, length === -1 ? bytes.byteLength - 1 : length))).toThrow(
      /a stored value cannot be read/,
    );
  });
});
