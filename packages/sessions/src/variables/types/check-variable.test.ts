import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arbitraryVariable } from "../../testing/arbitrary-variable.ts";
import { PythonVariablePeer } from "../../testing/python-variable-peer.ts";
import { answer, expectedAnswer, inTypeScript, readVariableVectors } from "../../testing/variable-cases.ts";

/** Factor of the numbers of examples: a release tries ten times as many. */
const EFFORT = LONG_TESTS ? 10 : 1;

describe("the table of cases that Python shares", () => {
  test.each(readVariableVectors())("$name", (vector) => {
    expect(answer(vector)).toEqual(inTypeScript(expectedAnswer(vector)));
  });
});

describe("a stored value", () => {
  test("is unchanged when it is checked again", () => {
    fc.assert(
      fc.property(arbitraryVariable, (variable) => {
        const first = answer(variable);
        if ("keeps" in first) expect(answer({ ...variable, value: first.keeps })).toEqual(first);
      }),
      { numRuns: 500 * EFFORT },
    );
  });
});

describe("Python", () => {
  let peer: PythonVariablePeer;
  beforeAll(() => {
    peer = new PythonVariablePeer();
  });
  afterAll(() => peer.close());

  test("returns the same verdict and message for any definition and value", async () => {
    const verdicts = { kept: 0, defined: 0, rejected: 0 };
    await fc.assert(
      fc.asyncProperty(arbitraryVariable, async (variable) => {
        const ours = answer(variable);
        expect(ours).toEqual(inTypeScript(await peer.answer(variable)));
        verdicts["keeps" in ours ? "kept" : "defines" in ours ? "defined" : "rejected"] += 1;
      }),
      { numRuns: 1_000 * EFFORT },
    );
    // The comparison is meaningful only if every verdict occurred.
    expect(Math.min(...Object.values(verdicts))).toBeGreaterThan(30 * EFFORT);
  });
});
