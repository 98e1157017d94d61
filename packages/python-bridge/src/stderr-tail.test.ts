import { expect, test } from "vitest";
import { joinedTails, OutputTail } from "./stderr-tail.ts";

test("keeps the last lines, regardless of the pieces in which they arrive", () => {
  const tail = new OutputTail();
  for (let line = 0; line < 1_000; line++) {
    tail.push(`line ${line}`);
    tail.push("\n");
  }
  const lines = tail.toString().split("\n");
  expect(lines).toHaveLength(40);
  expect(lines.at(-1)).toBe("line 999");
});

test("keeps a bounded part of a line that never ends", () => {
  const tail = new OutputTail();
  for (let piece = 0; piece < 100; piece++) tail.push("x".repeat(1_000));
  expect(tail.toString()).toHaveLength(4_096);
});

test("joins two outputs", () => {
  expect(joinedTails("", "")).toBe("");
  expect(joinedTails("first", "")).toBe("first");
  expect(joinedTails("", "second")).toBe("second");
  expect(joinedTails("first", "second\n")).toBe("first\nsecond");
});
