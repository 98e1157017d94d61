import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import type { Check } from "./checks.ts";
import { runCheck } from "./run-check.ts";

const check = (...command: Check["command"]): Check => ({ id: "x", title: "", command, folder: tmpdir() });

test("a check passes if its command exits with 0", async () => {
  expect(await runCheck(check("true"))).toMatchObject({ passed: true });
});

test("a check fails if its command fails, and captures both outputs", async () => {
  const result = await runCheck(check("sh", "-c", "echo out; echo err >&2; exit 3"));
  expect(result.passed).toBe(false);
  expect(result.output).toContain("out\n");
  expect(result.output).toContain("err\n");
});

test("a check fails when its command ends by a signal", async () => {
  expect(await runCheck(check("sh", "-c", "kill -9 $$"))).toMatchObject({ passed: false });
});

test("a check fails with a message if its program is missing", async () => {
  const result = await runCheck(check("no-such-program-anywhere"));
  expect(result.passed).toBe(false);
  expect(result.output).toContain("no-such-program-anywhere cannot be run");
});
