import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arbitraryValue } from "../testing/arbitrary-value.ts";
import { sorted, toNotation } from "../testing/notation.ts";
import { PythonPeer } from "../testing/python-peer.ts";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";

/** Factor of the numbers of examples: a release tries ten times as many. */
const EFFORT = LONG_TESTS ? 10 : 1;

describe("a value", () => {
  it("is unchanged after encoding and decoding", () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        const { body, buffers } = encodeValue(value);
        expect(sorted(toNotation(decodeValue(body, buffers)))).toEqual(sorted(toNotation(value)));
      }),
      { numRuns: 300 * EFFORT },
    );
  });

  it("has the same bytes after decoding and encoding", () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        const once = encodeValue(decodeValue(...partsOf(value)));
        const twice = encodeValue(decodeValue(once.body, once.buffers));
        expect(twice).toEqual(once);
      }),
      { numRuns: 100 * EFFORT },
    );
  });
});

describe("a value sent through Python", () => {
  let peer: PythonPeer;
  beforeAll(() => {
    peer = new PythonPeer("echo");
  });
  afterAll(() => peer.close());

  it("is returned unchanged to JavaScript", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryValue, async (value) => {
        peer.send(encodeValue(value));
        const answer = await peer.receive();
        if (answer === undefined) return peer.close();
        expect(sorted(toNotation(decodeValue(answer.body, answer.buffers)))).toEqual(sorted(toNotation(value)));
        return undefined;
      }),
      { numRuns: 300 * EFFORT },
    );
  });

  it("is returned unchanged to Python, including arrays of every dtype and layout and dates in every zone", async () => {
    const count = 300 * EFFORT;
    const asking = new PythonPeer("ask", String(count), String(Date.now()));
    let values = 0;
    for (;;) {
      const question = await asking.receive();
      if (question === undefined) break;
      values += 1;
      asking.send(encodeValue(decodeValue(question.body, question.buffers)));
    }
    await asking.close();
    expect(values).toBe(count);
  });
});

function partsOf(value: unknown): [Uint8Array, readonly Uint8Array[]] {
  const { body, buffers } = encodeValue(value);
  return [body, buffers];
}
