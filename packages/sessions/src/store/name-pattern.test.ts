import fc from "fast-check";
import { expect, test } from "vitest";
import { namePattern } from "./name-pattern.ts";

test("a pattern matches what the equivalent regular expression matches", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "😀", "*", "?", "\n", "."), maxLength: 12 });
  fc.assert(
    fc.property(text, text, (pattern, name) => {
      const parts = Array.from(pattern, (character) => {
        if (character === "*") return ".*";
        return character === "?" ? "." : `\\u{${character.codePointAt(0)?.toString(16)}}`;
      });
      const expected = new RegExp(`^(?:${parts.join("")})$`, "su").test(name);
      expect(namePattern(pattern)(name)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

test("a malicious pattern is matched quickly", () => {
  expect(namePattern(`${"*a".repeat(1_000)}*b`)("a".repeat(10_000))).toBe(false);
});
