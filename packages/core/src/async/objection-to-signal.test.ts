import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { objectionToSignal } from "./objection-to-signal.ts";

test("a signal is a signal, wherever it comes from", () => {
  const foreign = runInNewContext("({ aborted: false, addEventListener() {} })");
  expect([AbortSignal.timeout(1_000), AbortSignal.abort(), foreign].map(objectionToSignal)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([
  ["a text", "soon", 'signal is "soon", not an AbortSignal'],
  ["null", null, "signal is null, not an AbortSignal"],
  ["nothing", undefined, "signal is undefined, not an AbortSignal"],
  ["an object", { abort: true }, "signal is an object with abort, not an AbortSignal"],
  [
    "the controller",
    new AbortController(),
    "signal is an AbortController, not its AbortSignal; write signal: controller.signal",
  ],
])("%s is none", (_, value, objection) => {
  expect(objectionToSignal(value)).toBe(objection);
});
