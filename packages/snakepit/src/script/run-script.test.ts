import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "../testing/script-process.ts");

type Script = ChildProcessByStdio<null, Readable, Readable>;

function startScript(mode: string): Script {
  const args = ["--conditions=source", "--no-warnings", SCRIPT, mode];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
}

async function end(script: Script) {
  const [[status, signal], stderr] = await Promise.all([once(script, "close"), text(script.stderr)]);
  return { status, signal, stderr };
}

test("a script that returns closes its host, leaves no listener and exits with 0", async () => {
  const script = startScript("return");
  script.stdout.resume();
  expect(await end(script)).toEqual({ status: 0, signal: null, stderr: "closing\nclosed\nlisteners left: 0\n" });
});

test("a script that throws closes its host, prints its error and exits with 1", async () => {
  const script = startScript("throw");
  script.stdout.resume();
  const { status, stderr } = await end(script);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^closing\nclosed\n[\s\S]*Error: main broke/);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s aborts the script's signal, closes, and ends the process as that signal does",
  async (signal) => {
    const script = startScript("wait");
    await once(script.stdout, "data");
    script.kill(signal);
    const ended = await end(script);
    expect(ended).toMatchObject({ status: null, signal });
    expect(ended.stderr).toContain(`aborted by ${signal}\n`);
    expect(ended.stderr).toContain("closed\n");
    expect(ended.stderr).not.toContain("Error");
  },
);

/** Whether this user may create a process that is the first one of its namespace, as in a container. */
const canCreateNamespaces = spawnSync("unshare", ["--pid", "--fork", "true"]).status === 0;

test.skipIf(!canCreateNamespaces)("the first process of a container exits with the status of the signal", async () => {
  const args = ["--pid", "--fork", process.execPath, "--conditions=source", "--no-warnings", SCRIPT, "wait"];
  const unshare = spawn("unshare", args, { stdio: ["ignore", "pipe", "pipe"] });
  await once(unshare.stdout, "data");
  const children = await readFile(`/proc/${unshare.pid}/task/${unshare.pid}/children`, "utf8");
  process.kill(Number(children), "SIGTERM");
  const { status, stderr } = await end(unshare);
  expect(status).toBe(128 + constants.signals.SIGTERM);
  expect(stderr).toContain("aborted by SIGTERM\n");
  expect(stderr).not.toContain("Error");
});

test("a second signal ends the process immediately", async () => {
  const script = startScript("slow-close");
  await once(script.stdout, "data");
  script.kill("SIGINT");
  for await (const line of createInterface(script.stderr)) if (line === "closing") break;
  script.kill("SIGINT");
  const [status] = await once(script, "exit");
  expect(status).toBe(130);
});

test("a script whose reader has exited ends without a message and with the status of SIGPIPE", async () => {
  const script = startScript("chatter");
  await once(script.stdout, "data");
  script.stdout.destroy();
  expect(await end(script)).toEqual({ status: 141, signal: null, stderr: "closing\nclosed\n" });
});
