import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryAttempt, arbitraryPattern, arbitraryText } from "../../testing/arbitrary-pattern.ts";
import { loadRe2 } from "./re2-on-demand.ts";
import { countSteps, PatternError, StringPattern } from "./string-pattern.ts";

/** A pattern with a string that does or does not match it, or an invalid pattern. */
type PatternVector = {
  readonly name: string;
  readonly pattern: string;
  /** The behavior of the Python host for unit tests, if it differs. */
  readonly standIn?: "accepts" | "rejects" | "hangs";
} & ({ readonly value: string; readonly matches: boolean } | { readonly invalid: true });

function readPatternVectors(): readonly PatternVector[] {
  return JSON.parse(readFileSync(new URL("../../../vectors/patterns.json", import.meta.url), "utf8"));
}

function occurs(pattern: string, value: string): boolean {
  return StringPattern.of(pattern).occursIn(value);
}

function programSize(pattern: string): number | undefined {
  const { RE2JS, RE2JSException } = loadRe2();
  try {
    return RE2JS.compile(pattern).programSize();
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}

describe("the table of patterns that Python shares", () => {
  test.each(readPatternVectors())("$name", (vector) => {
    if ("invalid" in vector) expect(() => StringPattern.of(vector.pattern)).toThrow(PatternError);
    else expect(occurs(vector.pattern, vector.value)).toBe(vector.matches);
  });
});

describe("a pattern", () => {
  test("matches what a regular expression of JavaScript matches", () => {
    fc.assert(
      fc.property(arbitraryPattern, arbitraryText, (pattern, text) => {
        expect(occurs(pattern, text)).toBe(new RegExp(pattern.replace(/\\x\{(.*?)\}/g, "\\u{$1}"), "u").test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("is either accepted or rejected with a PatternError that has a reason", () => {
    fc.assert(
      fc.property(arbitraryAttempt, (attempt) => {
        try {
          StringPattern.of(attempt);
        } catch (error) {
          expect(error).toBeInstanceOf(PatternError);
          expect((error as Error).message).toMatch(/^.{10,}/s);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    ["(a", "missing closing ): `(a`"],
    ["a{3,2}", "invalid repeat count: `{3,2}`"],
    ["\\Qa", "\\Q is not supported; escape each character"],
    ["a".repeat(1_001), "it has more than 1000 characters"],
    ["(a{100}){100}", "it has more than 500 steps with its repetitions written out"],
  ])("%s is rejected with the reason", (pattern, reason) => {
    expect(() => StringPattern.of(pattern)).toThrow(reason);
  });

  test("has at most as many steps as are counted before it is compiled", () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryPattern, arbitraryAttempt), (pattern) => {
        fc.pre(!pattern.includes("\\Q"));
        // Every program has up to four additional instructions: a failure, an empty match, the start and the end.
        expect(programSize(pattern) ?? 0).toBeLessThanOrEqual(countSteps(pattern) + 4);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each(["[\\", "[[:a:]", "[\\a", "(", "(?:", "[]", "[^]", "\\p{", "{1000}", "a{,"])(
    "%s, 300 times, does not hang the count of its steps",
    (part) => {
      expect(countSteps(part.repeat(300))).toBeGreaterThanOrEqual(0);
    },
  );

  test.each(["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^a*a*a*a*a*a*a*a*$", "(?:a?){30}a{30}$", "(.*){20}b"])(
    "%s does not hang on a string of 5,000 characters",
    (pattern) => {
      expect(occurs(pattern, `${"a".repeat(5_000)}!`)).toBe(false);
    },
  );

  test("is compiled once while it is in use, and forgotten afterwards", () => {
    const first = StringPattern.of("first");
    expect(StringPattern.of("first")).toBe(first);
    for (let index = 0; index < 100; index++) StringPattern.of(`other${index}`);
    expect(StringPattern.of("first")).not.toBe(first);
  });
});
