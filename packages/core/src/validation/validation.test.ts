import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";
import { signalProblem } from "./options.ts";

describe("a signal", () => {
  test("accepts an AbortSignal of any realm or polyfill", () => {
    const foreign = runInNewContext("({ aborted: false, addEventListener() {} })");
    expect([AbortSignal.timeout(1_000), AbortSignal.abort(), foreign].map(signalProblem)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each([
    ["a string", "soon", 'signal must be an AbortSignal; got "soon"'],
    ["null", null, "signal must be an AbortSignal; got null"],
    ["nothing", undefined, "signal must be an AbortSignal; got undefined"],
    ["an object", { abort: true }, "signal must be an AbortSignal; got an object with abort"],
    [
      "the controller",
      new AbortController(),
      "signal must be an AbortSignal; got an AbortController; write signal: controller.signal",
    ],
  ])("rejects %s in the place of a signal", (_, value, problem) => {
    expect(signalProblem(value)).toBe(problem);
  });
});

test.each([
  ["sise", "size"],
  ["szie", "size"],
  ["SIZE", "size"],
  ["queueTimeout", "queueTimeoutMs"],
  ["banana", undefined],
  ["x", undefined],
  ["limit", "queueLimit"],
  ["queue", undefined],
])("the nearest name to %s is %s", (name, nearest) => {
  expect(nearestName(name, ["size", "queueTimeoutMs", "queueLimit"])).toBe(nearest);
});

test("a name that is much longer than the known ones is not compared with them", () => {
  const known = Array.from({ length: 1_000 }, (_, index) => `tool_${index}`);
  expect(nearestName("t".repeat(4_000_000), known)).toBeUndefined();
});
