import fc from "fast-check";

/**
 * Strings of few characters, because `RegExp` backtracks. Excludes characters that the engines treat differently: the
 * carriage return and white space beyond ASCII.
 */
export const arbitraryText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom("a", "b", "c", "A", "0", "9", "_", "-", " ", "\n", ".", "é", "🐍"), { maxLength: 8 })
  .map((characters) => characters.join(""));

const member = fc.constantFrom("a", "b", "_", "é", "🐍", "0-9", "a-c", "\\d", "\\W", "\\-", "\\]", ".");

const character = fc.oneof(
  fc.constantFrom("a", "b", "é", "🐍", "-", ".", "\\d", "\\D", "\\w", "\\W", "\\.", "\\n", "\\x61", "\\x{e9}"),
  fc
    .tuple(fc.constantFrom("", "^"), fc.array(member, { minLength: 1, maxLength: 3 }))
    .map(([negation, members]) => `[${negation}${members.join("")}]`),
);

const repeat = fc.constantFrom("", "", "?", "*", "+", "{0}", "{2}", "{1,}", "{0,2}");

/**
 * Patterns with the same meaning in RE2, in Python's `re` (ASCII mode) and, except `\x{e9}`, in `RegExp` (flag `u`).
 */
export const arbitraryPattern: fc.Arbitrary<string> = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  pattern: fc
    .array(fc.array(tie("part"), { maxLength: 3 }), { minLength: 1, maxLength: 2 })
    .map((options) => options.map((parts) => parts.join("")).join("|")),
  part: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: fc.tuple(character, repeat).map((both) => both.join("")) },
    { weight: 1, arbitrary: fc.constantFrom("^", "$") },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom("(", "(?:"), tie("pattern"), repeat)
        .map(([open, inner, times]) => `${open}${inner})${times}`),
    },
  ),
})).pattern;

/** Strings of the characters that patterns consist of; most are invalid patterns. */
export const arbitraryAttempt: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(..."ab09,-.^$|?*+()[]{}\\/dwspux:=<!é", "🐍"), { maxLength: 14 })
  .map((characters) => characters.join(""));
