import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the process exits with the exit code of the command", async () => {
  expect(await once(foreground("exit 7"), "exit")).toEqual([7, null]);
});

test("the process ends by the signal that killed the command", async () => {
  expect(await once(foreground("kill -KILL $$"), "exit")).toEqual([null, "SIGKILL"]);
});

test("SIGTERM is forwarded to the command, which handles it", async () => {
  const ours = foreground("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done");
  await once(ours.stdout!, "data");
  ours.kill("SIGTERM");
  expect(await once(ours, "exit")).toEqual([5, null]);
});

test("after Ctrl-C, which the terminal sends to both, the process waits for the command", async () => {
  const ours = foreground("trap 'sleep 0.1; exit 6' INT; echo ready; while :; do sleep 0.05; done");
  await once(ours.stdout!, "data");
  process.kill(-(ours.pid ?? 0), "SIGINT");
  expect(await once(ours, "exit")).toEqual([6, null]);
});

/** Runs a shell script in the foreground of a new process group, like a terminal. */
function foreground(script: string): ChildProcess {
  const module = JSON.stringify(join(import.meta.dirname, "child-process.mjs"));
  const program = `
    import { runInForeground } from ${module};
    await runInForeground("sh", ["-c", ${JSON.stringify(script)}], process.env);`;
  const args = ["--input-type=module", "--eval", program];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], detached: true });
}
