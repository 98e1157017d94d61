import { expect, test } from "vitest";
import { runTool } from "./run-tool.ts";

test("a program that does not end in time is killed", async () => {
  expect(await runTool(["sleep", "600"], { timeoutMs: 50 })).toEqual({
    status: undefined,
    stdout: "",
    tail: "it did not end within 50 ms",
  });
});

test("a program that cannot be started is reported with the reason", async () => {
  expect(await runTool(["no-such-program-of-snakepit"])).toMatchObject({
    status: undefined,
    tail: expect.stringContaining("ENOENT"),
  });
});

test("the output and the status of a program are returned", async () => {
  const lines: string[] = [];
  const end = await runTool(["sh", "-c", "echo one; echo two >&2; exit 3"], { output: (line) => lines.push(line) });
  expect(end).toEqual({ status: 3, stdout: "one", tail: "two" });
  expect(lines.toSorted()).toEqual(["one", "two"]);
});
