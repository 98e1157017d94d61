import { expect, test } from "vitest";
import { ZygoteOutput } from "./zygote-output.ts";

function recorded(): { output: ZygoteOutput; forwarded: string[] } {
  const forwarded: string[] = [];
  return { output: new ZygoteOutput((_, piece) => void forwarded.push(piece)), forwarded };
}

test("output before the identification is forwarded after it", () => {
  const { output, forwarded } = recorded();
  output.push("stderr", "early");
  expect(forwarded).toEqual([]);
  output.identified();
  output.push("stdout", "later");
  expect(forwarded).toEqual(["early", "later"]);
});

test("only the beginning and the last lines of unlimited output are kept", () => {
  const { output, forwarded } = recorded();
  const piece = "no Python at all\n".repeat(1_000);
  for (let i = 0; i < 1_000; i++) output.push("stderr", piece);
  output.push("stderr", "the end");
  expect(output.stderrTail.endsWith("no Python at all\nthe end")).toBe(true);
  output.identified();
  expect(forwarded.join("").length).toBeLessThan(2 * 1024 * 1024);
  output.expectStack();
  for (let i = 0; i < 1_000; i++) output.push("stderr", piece);
  expect(output.stack.length).toBeLessThan(2 * 1024 * 1024);
});
