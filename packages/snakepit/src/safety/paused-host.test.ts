import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PauseReport } from "../testing/paused-host.ts";
import { isAlive, until } from "../testing/processes.ts";

const HOST = join(import.meta.dirname, "../testing/paused-host.ts");
/**
 * All longer than the heartbeat time-out and the cancellation grace period of the host, which are 8 s: on a machine
 * under load, workers could miss shorter ones without a pause.
 */
const PAUSES_MS = LONG_TESTS ? [9_000, 10_000, 30_000] : [9_000, 10_000];

let directory: string;
let host: ChildProcess;
let lines: Interface;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-paused-"));
});

afterEach(async () => {
  if (host.exitCode === null && host.signalCode === null) {
    const ended = once(host, "exit");
    host.kill("SIGKILL");
    await ended;
  }
  rmSync(directory, { recursive: true });
});

async function start(transport: "socket" | "grpc"): Promise<void> {
  const options = { registry: { path: join(directory, "registry.db") }, transport };
  host = spawn(
    process.execPath,
    ["--conditions=source", "--disable-warning=ExperimentalWarning", HOST, JSON.stringify(options)],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  lines = createInterface({ input: host.stdout as NonNullable<typeof host.stdout> });
  const ended = once(host, "exit").then(() => {
    throw new Error("the host ended before it was ready");
  });
  await Promise.race([once(lines, "line"), ended]);
}

async function report(): Promise<PauseReport> {
  const line = once(lines, "line");
  host.stdin?.write("report\n");
  return JSON.parse((await line)[0] as string) as PauseReport;
}

/** Resolves with the ends of workers, when this many are known to the host. */
async function exitsOf(count: number): Promise<PauseReport["exits"]> {
  let exits: PauseReport["exits"] = [];
  await until("the ends of the workers are noticed", async () => {
    ({ exits } = await report());
    return exits.length >= count;
  });
  return exits;
}

test.each(["socket", "grpc"] as const)(
  `a host (%s) that is stopped for ${PAUSES_MS.join(" and ")} ms keeps its workers and their calls`,
  { timeout: 300_000 + 4 * Math.max(...PAUSES_MS) },
  async (transport) => {
    await start(transport);
    const before = await report();
    expect(before.pids).toHaveLength(6);
    for (const pauseMs of PAUSES_MS) {
      host.stdin?.write("long\n");
      const { answered, ...earlier } = await report();
      expect(earlier).toMatchObject({ pids: before.pids, exits: [], errors: [] });
      host.kill("SIGSTOP");
      // The pause itself is what is tested, not a wait for something.
      await sleep(pauseMs);
      const ended = before.pids.filter((pid) => !isAlive(pid));
      host.kill("SIGCONT");
      // They show why.
      const exits = ended.length > 0 ? await exitsOf(ended.length) : [];
      expect({ ended, exits }).toEqual({ ended: [], exits: [] });
      await until("the calls go on", async () => {
        const { answered: now, long } = await report();
        return now > answered + 100 && long === "slept";
      });
    }
    // Longer than the heartbeat time-out after the last pause.
    const resumedAt = performance.now();
    await until("the host has checked its workers", async () => {
      await report();
      return performance.now() - resumedAt > 9_000;
    });
    expect(await report()).toMatchObject({ pids: before.pids, exits: [], errors: [] });
    const ended = once(host, "exit");
    host.stdin?.write("close\n");
    expect(await ended).toEqual([0, null]);
    await until("the workers are gone", () => !before.pids.some(isAlive));
  },
);
