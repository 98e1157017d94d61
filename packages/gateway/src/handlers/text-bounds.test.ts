import { describe, expect, it } from "vitest";
import { firstBytes, firstEncoded, lastBytes } from "./text-bounds.ts";

describe("texts within bounds", () => {
  it.each([
    ["abc", 3, "abc"],
    ["abcdef", 5, "ab…"],
    ["äöü", 5, "ä…"],
    ["🐍🐍", 7, "🐍…"],
    ["half \ud83d", 20, "half \ufffd"],
  ])("begin as they did: %s in %i bytes", (text, bytes, beginning) => {
    expect(firstBytes(text, bytes)).toBe(beginning);
  });

  it.each([
    ["abc", 3, "abc"],
    ["abcdef", 3, "def"],
    ["aäöü", 5, "öü"],
    ["🐍🐍", 5, "🐍"],
    ["abc", 0, ""],
    ["abc", -5, ""],
  ])("end as they did: %s in %i bytes", (text, bytes, end) => {
    expect(lastBytes(text, bytes)).toBe(end);
  });

  it("are short when they are encoded, too", () => {
    expect(firstEncoded("abc", 3)).toBe("abc");
    const short = firstEncoded("蛇".repeat(500), 1_000);
    expect(encodeURI(short).length).toBeLessThanOrEqual(1_000);
    expect(short.length).toBeGreaterThan(80);
    expect(short.endsWith("…")).toBe(true);
  });
});
