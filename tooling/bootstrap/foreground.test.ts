import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the exit code of the command becomes ours", async () => {
  expect(await once(foreground("exit 7"), "exit")).toEqual([7, null]);
});

test("a command that dies of a signal takes us along", async () => {
  expect(await once(foreground("kill -KILL $$"), "exit")).toEqual([null, "SIGKILL"]);
});

test("SIGTERM goes to the command, which decides how to end", async () => {
  const ours = foreground("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done");
  await once(ours.stdout!, "data");
  ours.kill("SIGTERM");
  expect(await once(ours, "exit")).toEqual([5, null]);
});

test("Ctrl-C, which the terminal sends to both, leaves the command time to end", async () => {
  const ours = foreground("trap 'sleep 0.1; exit 6' INT; echo ready; while :; do sleep 0.05; done");
  await once(ours.stdout!, "data");
  process.kill(-(ours.pid ?? 0), "SIGINT");
  expect(await once(ours, "exit")).toEqual([6, null]);
});

/** Runs a shell script in the foreground of a process group of its own, as a terminal does. */
function foreground(script: string): ChildProcess {
  const module = JSON.stringify(join(import.meta.dirname, "foreground.mjs"));
  const program = `
    import { runInForeground } from ${module};
    await runInForeground("sh", ["-c", ${JSON.stringify(script)}], process.env);`;
  const args = ["--input-type=module", "--eval", program];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], detached: true });
}
