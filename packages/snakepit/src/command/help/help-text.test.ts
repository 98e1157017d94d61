import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { setupCommand } from "../setup/setup-command.ts";
import { helpOf, listed } from "./help-text.ts";

test("help fits into the width of the terminal", () => {
  for (const columns of [40, 60, 72]) {
    const help = helpOf(setupCommand, { write: () => true, isTTY: true, columns });
    const lines = help.slice(0, help.indexOf("Examples:")).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(help).toContain("--python PYTHON");
  }
});

test("help has no colors outside of a terminal", () => {
  expect(helpOf(setupCommand, new PassThrough())).not.toContain("\u001b");
});

test("alternatives are listed as in a sentence", () => {
  expect([["a"], ["a", "b"], ["a", "b", "c"]].map(listed)).toEqual(["a", "a or b", "a, b or c"]);
});
