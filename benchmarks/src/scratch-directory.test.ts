import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const USER = join(import.meta.dirname, "testing/scratch-user.ts");

let user: ChildProcess | undefined;
afterEach(() => {
  user?.kill("SIGKILL");
});

async function start(): Promise<{ readonly process: ChildProcess; readonly directory: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", USER], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  user = child;
  const [printed] = (await once(child.stdout, "data")) as [Buffer];
  return { process: child, directory: printed.toString().trim() };
}

test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
  "the scratch directory of a run is deleted after %s",
  async (signal) => {
    const run = await start();
    expect(existsSync(join(run.directory, "folder/file"))).toBe(true);
    run.process.kill(signal);
    await once(run.process, "exit");
    await expect.poll(() => existsSync(run.directory)).toBe(false);
  },
);

test("the scratch directory of a run is deleted when it ends", async () => {
  const run = await start();
  run.process.stdin?.write("go on");
  expect(await once(run.process, "exit")).toEqual([0, null]);
  expect(existsSync(run.directory)).toBe(false);
});
