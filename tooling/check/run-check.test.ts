import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

test("an unknown check is rejected, and the known ones are listed", async () => {
  const { code, stderr } = await runMain("lint", "no-such-check");
  expect(code).toBe(2);
  expect(stderr).toContain('unknown check "no-such-check"');
  expect(stderr).toContain("layers");
});

function runMain(...ids: readonly string[]): Promise<{ readonly code: unknown; readonly stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [join(import.meta.dirname, "main.ts"), ...ids], (error, _, stderr) =>
      done({ code: error?.code ?? 0, stderr }),
    );
  });
}
