import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const ciRun = resolve(import.meta.dirname, "../../.ci/run");

// A fake npm, whose two commands print closing lines and exit codes for .ci/run to combine.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "snakepit-ci-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("passes if both commands pass, and adds up their closing lines", async () => {
  npm("echo '10 passed, 0 failed'", "echo 'more'; echo '5 passed, 0 failed'");
  expect(await run()).toEqual({ code: 0, last: "15 passed, 0 failed" });
});

test("fails when a test fails, and still runs the checks", async () => {
  npm("echo '9 passed, 1 failed'; exit 1", "echo '5 passed, 0 failed'");
  expect(await run()).toEqual({ code: 1, last: "14 passed, 1 failed" });
});

test("fails when a check fails", async () => {
  npm("echo '10 passed, 0 failed'", "echo '4 passed, 1 failed'; exit 1");
  expect(await run()).toEqual({ code: 1, last: "14 passed, 1 failed" });
});

test("fails when a command prints no closing line", async () => {
  npm("echo 'Set-up failed'; exit 1", "echo '5 passed, 0 failed'");
  expect(await run()).toEqual({ code: 1, last: "5 passed, 1 failed" });
});

test("fails when a command exits with an error after a closing line without failures", async () => {
  npm("echo '10 passed, 0 failed'; exit 1", "echo '5 passed, 0 failed'");
  expect(await run()).toEqual({ code: 1, last: "15 passed, 1 failed" });
});

function npm(test_: string, check: string): void {
  const script = `#!/bin/sh\ncase "$*" in test) ${test_};; "run check") ${check};; *) exit 99;; esac\n`;
  writeFileSync(join(folder, "npm"), script);
  chmodSync(join(folder, "npm"), 0o755);
}

function run(): Promise<{ readonly code: unknown; readonly last: string | undefined }> {
  const env = { ...process.env, PATH: folder + delimiter + process.env["PATH"] };
  return new Promise((done) => {
    execFile(ciRun, { env }, (error, stdout) =>
      done({ code: error?.code ?? 0, last: stdout.trimEnd().split("\n").at(-1) }),
    );
  });
}
