import { expect, test } from "vitest";
import { ZygoteWords } from "./zygote-output.ts";

function recorded(): { words: ZygoteWords; told: string[] } {
  const told: string[] = [];
  return { words: new ZygoteWords((_, text) => void told.push(text)), told };
}

test("what a program wrote before it was identified is told then", () => {
  const { words, told } = recorded();
  words.heard("stderr", "early");
  expect(told).toEqual([]);
  words.identified();
  words.heard("stdout", "later");
  expect(told).toEqual(["early", "later"]);
});

test("of a program that writes without end only the beginning and the last lines are kept", () => {
  const { words, told } = recorded();
  const piece = "no Python at all\n".repeat(1_000);
  for (let i = 0; i < 1_000; i++) words.heard("stderr", piece);
  words.heard("stderr", "the end");
  expect(words.stderrTail.endsWith("no Python at all\nthe end")).toBe(true);
  words.identified();
  expect(told.join("").length).toBeLessThan(2 * 1024 * 1024);
  words.askedWhereItIs();
  for (let i = 0; i < 1_000; i++) words.heard("stderr", piece);
  expect(words.stack.length).toBeLessThan(2 * 1024 * 1024);
});
