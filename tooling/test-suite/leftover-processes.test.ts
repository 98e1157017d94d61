import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { endLeftoverProcesses, FILE_MARK, RUN_MARK } from "./leftover-processes.ts";

test.runIf(process.platform === "linux")("a leftover process of a test is reported and killed", async () => {
  const run = randomUUID();
  // Its parent exits at once, so the process is orphaned.
  const parent = start("sh", ["-c", "sleep 61 >/dev/null & echo $!"], { [RUN_MARK]: run, [FILE_MARK]: "some.test.ts" });
  const [pid] = (await once(parent.stdout!, "data")) as [Buffer];
  await once(parent, "close");
  // Until it executes sleep, it is a copy of its parent.
  await expect.poll(() => readFileSync(`/proc/${Number(pid)}/cmdline`, "utf8")).toBe(["sleep", "61", ""].join("\0"));
  expect(await endLeftoverProcesses(run, 0)).toBe(
    `the tests left 1 process(es) behind (now killed):\n  pid ${Number(pid)}, from some.test.ts: sleep 61`,
  );
  expect(await endLeftoverProcesses(run)).toBeUndefined();
});

test("a process of another run, or of the test runner, is not killed", async () => {
  const run = randomUUID();
  const other = start("sleep", ["62"], { [RUN_MARK]: randomUUID(), [FILE_MARK]: "some.test.ts" });
  const { [FILE_MARK]: _, ...unmarked } = process.env;
  const runner = spawn("sleep", ["62"], { env: { ...unmarked, [RUN_MARK]: run } });
  await Promise.all([once(other, "spawn"), once(runner, "spawn")]);
  expect(await endLeftoverProcesses(run)).toBeUndefined();
  for (const child of [other, runner]) {
    expect(child.kill()).toBe(true);
    await once(child, "exit");
  }
});

function start(program: string, args: readonly string[], marks: Readonly<Record<string, string>>): ChildProcess {
  return spawn(program, args, { env: { ...process.env, ...marks }, stdio: ["ignore", "pipe", "inherit"] });
}
