import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { afterEach, expect, it } from "vitest";
import { SpawnedProcesses } from "../testing/spawned-processes.ts";
import { parseDarwinProcesses } from "./darwin-process-list.ts";
import { RUN_ID_VARIABLE } from "./linux-process.ts";
import { isSameProcess, processStartTime, thisProcess } from "./process-identity.ts";
import { readProcessTable } from "./process-table.ts";

const processes = new SpawnedProcesses();
afterEach(() => processes.killAll());

it("identifies this process", () => {
  expect(thisProcess()).toEqual({ pid: process.pid, startTime: processStartTime(process.pid) });
  expect(isSameProcess(thisProcess())).toBe(true);
});

it("distinguishes a process from another one with the same pid", async () => {
  const identity = await processes.spawn("/bin/sleep", ["600"]);
  expect(isSameProcess(identity)).toBe(true);
  expect(isSameProcess({ ...identity, startTime: "1" })).toBe(false);
});

it("detects that a process has ended", async () => {
  const child = spawn("/bin/sleep", ["600"], { stdio: "ignore" });
  await once(child, "spawn");
  const identity = processes.adopt(child.pid!);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isSameProcess(identity)).toBe(false);
  expect(processStartTime(identity.pid)).not.toBe(identity.startTime);
});

it.each([0, -1, 1.5, Number.NaN, 2 ** 40])("finds no process with the pid %d", (pid) => {
  expect(processStartTime(pid)).toBeUndefined();
});

it("lists running processes with their groups and run ids", async () => {
  const env = { [RUN_ID_VARIABLE]: "abc1234" };
  const leader = await processes.spawn("/bin/sleep", ["600"], { detached: true, env });
  const table = readProcessTable();
  const runId = process.platform === "linux" ? "abc1234" : undefined;
  expect(table).toContainEqual({ ...leader, processGroup: leader.pid, runId });
  expect(table).toContainEqual(expect.objectContaining(thisProcess()));
});

it.runIf(process.platform === "linux")(
  "does not report a process as dead when no file descriptor is left",
  async () => {
    const program = new URL("../testing/without-descriptors.ts", import.meta.url).pathname;
    // Node raises the soft limit to the hard one.
    const command = `ulimit -n 64 && exec "$0" --conditions=source "$1"`;
    const { stdout } = await promisify(execFile)("sh", ["-c", command, process.execPath, program]);
    expect(JSON.parse(stdout)).toEqual(["EMFILE", "EMFILE", "EMFILE"]);
  },
);

it("parses the output of ps on macOS", () => {
  const output = [
    "    1     1 Ss   Sun Nov  2 08:00:01 2025    ",
    "  501   501 S+   Mon Nov  3 09:41:00 2025",
    "  502   501 Z    Mon Nov 13 19:41:00 2025",
    "",
  ].join("\n");
  expect(parseDarwinProcesses(output)).toEqual([
    { pid: 1, processGroup: 1, state: "Ss", startTime: "Sun Nov  2 08:00:01 2025" },
    { pid: 501, processGroup: 501, state: "S+", startTime: "Mon Nov  3 09:41:00 2025" },
    { pid: 502, processGroup: 501, state: "Z", startTime: "Mon Nov 13 19:41:00 2025" },
  ]);
});
