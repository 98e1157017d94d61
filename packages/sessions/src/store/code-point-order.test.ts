import fc from "fast-check";
import { expect, test } from "vitest";
import { compareByCodePoint } from "./code-point-order.ts";

test("texts are in the order of their bytes in UTF-8, as in a database", () => {
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
