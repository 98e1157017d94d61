import { FakeClock, stateStoreConformance } from "@snakepit/core/conformance";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareByCodePoint, firstPage } from "./first-page.ts";
import { MemoryStore } from "./memory-store.ts";
import { namePattern } from "./name-pattern.ts";

describe("the store in memory", () => {
  test.each(stateStoreConformance)("conforms: $title", async ({ run }) => {
    const store = new MemoryStore();
    await run({ clock: new FakeClock(), open: async () => store });
    await store.close();
  });

  test("has a kind", () => {
    expect(new MemoryStore()).toMatchObject({ kind: "memory", shared: false });
  });
});

describe("the first page of the items", () => {
  test("has the same items as the sorted list of all", () => {
    const keys = fc.uniqueArray(fc.string({ unit: "binary", maxLength: 3 }));
    const after = fc.option(fc.string({ unit: "binary", maxLength: 3 }), { nil: undefined });
    fc.assert(
      fc.property(keys, after, fc.nat(20), (all, begin, limit) => {
        const rest = all.filter((key) => begin === undefined || compareByCodePoint(key, begin) > 0);
        const expected = rest.sort(compareByCodePoint).slice(0, limit);
        expect(firstPage(all, (key) => key, { after: begin, limit })).toEqual(expected);
      }),
    );
  });

  test("is in the order of UTF-8 bytes, like that of a database", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareByCodePoint(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  test("puts characters beyond U+FFFF after all others", () => {
    expect(["😀", "\uffee", "z", "za", ""].sort(compareByCodePoint)).toEqual(["", "z", "za", "\uffee", "😀"]);
  });
});

describe("a name pattern", () => {
  test("matches what the equivalent regular expression matches", () => {
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

  test("is matched quickly even if it is malicious", () => {
    expect(namePattern(`${"*a".repeat(1_000)}*b`)("a".repeat(10_000))).toBe(false);
  });
});
