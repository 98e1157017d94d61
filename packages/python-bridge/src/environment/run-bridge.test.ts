import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describePython } from "./describe-python.ts";
import { runBridge } from "./run-bridge.ts";

const python = join(import.meta.dirname, "../../../../.venv/bin/python");
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "snakepit-bridge-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function program(name: string, script: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

test("an interpreter is described", async () => {
  const found = await describePython({ python });
  expect(found.python).toMatchObject({ implementation: "CPython", isEnvironment: true, chosenBy: "the option python" });
  expect(found.python.version).toMatch(/^3\.\d+\.\d+/);
  expect(found.recommended.profile).toBe(found.python.gilEnabled ? "process" : "thread");
  expect(found.requirements.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["python", "snakepit-bridge", "msgspec", "protobuf"]),
  );
  expect(found.processors.usable).toBeGreaterThanOrEqual(1);
  expect(found.libraries).toEqual([]);
});

test("torch is imported only on request", async () => {
  await writeFile(join(directory, "torch.py"), "raise OSError('libcudart is missing')\n");
  const env = { ...process.env, PYTHONPATH: directory };
  expect(await describePython({ python, env })).toMatchObject({ libraries: [] });
  expect(await describePython({ python, env, torch: true })).toMatchObject({
    libraries: [{ library: "torch", devices: 0, problem: "OSError: libcudart is missing" }],
  });
});

test("a program that is not Python is an error that names it", async () => {
  const path = await program("not-python", "echo hello");
  await expect(runBridge(["environment"], { python: path })).rejects.toMatchObject({
    code: "WORKER_START_FAILED",
    message: expect.stringContaining(`${path} (the option python) is not a Python interpreter`),
  });
});

test("a bridge package without the report is an error with the remedy", async () => {
  const path = await program("old", 'echo "usage: python -m snakepit_bridge zygote | worker" >&2; exit 1');
  await expect(runBridge(["environment"], { python: path })).rejects.toMatchObject({
    code: "WORKER_START_FAILED",
    message: expect.stringContaining(`too old for this report; install the current one: npx snakepit setup --python`),
  });
});

test("an interpreter that does not end is killed", async () => {
  const started = join(directory, "pid");
  const path = await program("slow", `echo $$ > ${started}\nexec sleep 600`);
  await expect(runBridge(["environment"], { python: path, timeoutMs: 1_000 })).rejects.toMatchObject({
    code: "DEADLINE_EXCEEDED",
    message: expect.stringContaining("did not end within 1000 ms"),
  });
  const pid = Number(await readFile(started, "utf8").catch(() => "0"));
  if (pid > 0) await expect.poll(() => readFile(`/proc/${pid}/stat`).then(Boolean, () => false)).toBe(false);
});

test("a signal cancels the report", async () => {
  const path = await program("waits", "exec sleep 600");
  const controller = new AbortController();
  const report = runBridge(["environment"], { python: path, signal: controller.signal });
  controller.abort(new Error("not needed"));
  await expect(report).rejects.toMatchObject({ code: "CANCELLED" });
  await expect(runBridge(["environment"], { python: path, signal: controller.signal })).rejects.toMatchObject({
    code: "CANCELLED",
  });
});
