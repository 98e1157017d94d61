import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";

const MAIN = join(import.meta.dirname, "../main.ts");

let folder: string;
let run: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "snakepit-peers-"));
});
afterEach(() => {
  run?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function start(...args: string[]) {
  const options = ["--peer", "child_process", "--rounds", "1", "--seconds", "0.2", ...args];
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  run = child;
  return child;
}

test("a peer that needs no installation is compared with Snakepit", async () => {
  const json = join(folder, "figures.json");
  const markdown = join(folder, "table.md");
  const child = start("--only", "throughput-1x64", "--json", json, "--markdown", markdown);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  expect(child.exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/fixed loops: JavaScript .* ms[\s\S]*throughput-1x64\s+child_process/);
  const figures = JSON.parse(readFileSync(json, "utf8")) as readonly Record<string, unknown>[];
  const positive = expect.toSatisfy((value: number) => value > 0, "is positive");
  const row = { id: "throughput-1x64", value: positive, unit: "calls/s" };
  expect(figures.slice(3)).toEqual([
    { ...row, peer: "snakepit", ahead: 1 },
    { ...row, peer: "child_process", ahead: positive },
  ]);
  expect(readFileSync(markdown, "utf8")).toContain("| small calls, 64 callers, 1 worker, calls/s |");
});

test("an interrupted run ends, and its processes with it", async () => {
  const child = start("--only", "latency-p50");
  await once(child.stderr, "data");
  child.kill("SIGTERM");
  // The pipes close when the last process that inherited them has ended.
  await once(child, "close");
  expect(child.signalCode).toBe("SIGTERM");
});
