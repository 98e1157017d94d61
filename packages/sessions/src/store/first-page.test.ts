import fc from "fast-check";
import { expect, test } from "vitest";
import { compareByCodePoint, firstPage } from "./first-page.ts";

test("returns the same page as sorting all items", () => {
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

test("orders strings by their UTF-8 bytes, like a database", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareByCodePoint(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test("characters beyond U+FFFF come after all others", () => {
  expect(["😀", "\uffee", "z", "za", ""].sort(compareByCodePoint)).toEqual(["", "z", "za", "\uffee", "😀"]);
});
