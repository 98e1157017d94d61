import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryAttempt, arbitraryPattern, arbitraryText } from "../../../testing/arbitrary-pattern.ts";
import { PatternError } from "./parse-pattern.ts";
import { TextPattern } from "./text-pattern.ts";

function finds(pattern: string, text: string): boolean {
  return TextPattern.of(pattern).isFoundIn(Array.from(text, (character) => character.codePointAt(0) ?? 0));
}

describe("a pattern", () => {
  test("finds what the regular expressions of JavaScript find", () => {
    fc.assert(
      fc.property(arbitraryPattern, arbitraryText, (pattern, text) => {
        expect(finds(pattern, text)).toBe(new RegExp(pattern, "u").test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("is one to JavaScript, too; what is none is refused with the place", () => {
    fc.assert(
      fc.property(arbitraryAttempt, (attempt) => {
        try {
          TextPattern.of(attempt);
        } catch (error) {
          expect(error).toBeInstanceOf(PatternError);
          expect((error as Error).message).toMatch(/^at character \d+: .{10,}$|^with its repeats|^it has more/);
          return;
        }
        expect(() => new RegExp(attempt, "u")).not.toThrow();
      }),
      { numRuns: 3_000 },
    );
  });

  test.each(["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^a*a*a*a*a*a*a*a*$", "(?:a?){30}a{30}$", "(.*){20}b"])(
    "%s does not run away",
    (pattern) => {
      expect(finds(pattern, `${"a".repeat(5_000)}!`)).toBe(false);
    },
  );

  test("is remembered, and forgotten again", () => {
    const first = TextPattern.of("first");
    expect(TextPattern.of("first")).toBe(first);
    for (let index = 0; index < 1_000; index++) TextPattern.of(`other${index}`);
    expect(TextPattern.of("first")).not.toBe(first);
  });
});
