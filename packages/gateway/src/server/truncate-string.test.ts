import { describe, expect, it } from "vitest";
import { firstBytes, firstEncoded, lastBytes } from "./truncate-string.ts";

describe("truncating a string", () => {
  it.each([
    ["abc", 3, "abc"],
    ["abcdef", 5, "ab…"],
    ["äöü", 5, "ä…"],
    ["🐍🐍", 7, "🐍…"],
    ["half \ud83d", 20, "half \ufffd"],
  ])("keeps the beginning of %s in %i bytes", (value, bytes, beginning) => {
    expect(firstBytes(value, bytes)).toBe(beginning);
  });

  it.each([
    ["abc", 3, "abc"],
    ["abcdef", 3, "def"],
    ["aäöü", 5, "öü"],
    ["🐍🐍", 5, "🐍"],
    ["abc", 0, ""],
    ["abc", -5, ""],
  ])("keeps the end of %s in %i bytes", (value, bytes, end) => {
    expect(lastBytes(value, bytes)).toBe(end);
  });

  it("counts the characters of the encoded form", () => {
    expect(firstEncoded("abc", 3)).toBe("abc");
    const short = firstEncoded("蛇".repeat(500), 1_000);
    expect(encodeURI(short).length).toBeLessThanOrEqual(1_000);
    expect(short.length).toBeGreaterThan(80);
    expect(short.endsWith("…")).toBe(true);
  });
});
