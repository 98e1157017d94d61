import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { fakeWorkers, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { isAlive, processesWith, until } from "../testing/processes.ts";
import { TEST_REGISTRIES, type TestRegistry } from "../testing/registries.ts";

const HOST = join(import.meta.dirname, "../testing/host-process.ts");
const MARK = "SNAKEPIT_SAFETY_TEST";
/** Rounds with a kill at a random time: any number, such as 100. */
const ROUNDS = Number(process.env["SNAKEPIT_KILL_ROUNDS"] ?? (LONG_TESTS ? 4 : 2));

let directory: string;
let mark: string;
const hosts: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-safety-"));
  mark = randomUUID();
});

afterEach(async () => {
  for (const host of hosts.splice(0)) if (host.exitCode === null && host.signalCode === null) host.kill("SIGKILL");
  await until("no process of the test is left", () => processesWith(MARK, mark).length === 0);
  rmSync(directory, { recursive: true });
});

interface HostOptions {
  readonly startMethod?: "fork" | "spawn";
  readonly ending?: "none" | "exit" | "uncaught" | "close";
  readonly stuckIn?: "calls" | "hold_gil" | "start_children";
}

function startHost(registry: TestRegistry, options: HostOptions = {}): ChildProcess {
  const all = { startMethod: "fork", ending: "none", stuckIn: "calls", ...options, registry: registry.location };
  const host = spawn(
    process.execPath,
    ["--conditions=source", "--disable-warning=ExperimentalWarning", HOST, JSON.stringify(all)],
    {
      env: { ...process.env, [MARK]: mark },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  hosts.push(host);
  return host;
}

async function busy(host: ChildProcess): Promise<void> {
  let stderr = "";
  host.stderr?.on("data", (data: Buffer) => (stderr += data));
  const ended = once(host, "exit").then(() => {
    throw new Error(`the host ended before it was busy: ${stderr}`);
  });
  await Promise.race([once(host.stdout as NonNullable<typeof host.stdout>, "data"), ended]);
}

async function expectNoSurvivors(host: ChildProcess): Promise<void> {
  if (host.exitCode === null && host.signalCode === null) await once(host, "exit");
  await until("every process of the dead host is gone", () => processesWith(MARK, mark).length === 0);
}

/** Starts a new host without processes on the same registry, and checks that the registry lists no others either. */
async function expectEmpty(registry: TestRegistry): Promise<void> {
  await using pit = await Snakepit.start({ worker: fakeWorkers(), registry: registry.location, logger: false });
  await pit.ready();
  expect(await registry.pids()).toEqual([]);
  expect(await registry.hosts()).toBe(1);
}

/** Starts a new host with the same registry and checks that the registry lists running processes only. */
async function expectOnlyRunningProcesses(registry: TestRegistry): Promise<void> {
  await using pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(join(import.meta.dirname, "../testing/tools.py")),
    size: 2,
    registry: registry.location,
    logger: false,
  });
  await pit.ready();
  const pids = await registry.pids();
  expect(pids.length).toBeGreaterThanOrEqual(2);
  expect(pids.filter((pid) => !isAlive(pid))).toEqual([]);
  expect(await registry.hosts()).toBe(1);
}

describe.each(Object.keys(TEST_REGISTRIES))("on %s", (database) => {
  // The short form has each end, each tool and each start method, but only some of their combinations with the
  // databases: which processes survive does not depend on the database.
  const isExtra = database === "PostgreSQL" && !LONG_TESTS;

  let registry: TestRegistry;
  beforeEach(async () => {
    registry = await (TEST_REGISTRIES[database] as (directory: string) => Promise<TestRegistry>)(directory);
  });

  test(`a host killed at ${ROUNDS} random times leaves no process behind`, {
    timeout: 300_000 + ROUNDS * 30_000,
  }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const host = startHost(registry, { startMethod: round % 2 === 1 ? "spawn" : "fork" });
      await sleep(Math.random() * 3_000);
      host.kill("SIGKILL");
      await expectNoSurvivors(host);
    }
    await expectOnlyRunningProcesses(registry);
  });

  test.each(isExtra ? (["SIGKILL"] as const) : (["SIGKILL", "SIGTERM", "SIGHUP"] as const))(
    "%s to a busy host leaves no process or row behind",
    async (signal) => {
      const host = startHost(registry);
      await busy(host);
      host.kill(signal);
      await expectNoSurvivors(host);
      await expectEmpty(registry);
    },
  );

  test.each(isExtra ? (["close"] as const) : (["exit", "uncaught", "close"] as const))(
    "a host that ends by %s leaves no process or row behind",
    async (ending) => {
      const host = startHost(registry, { ending });
      await busy(host);
      host.stdin?.write("now");
      await expectNoSurvivors(host);
      await expectEmpty(registry);
    },
  );

  const stuck = {
    SQLite: [
      ["hold_gil", "fork"],
      ["start_children", "spawn"],
    ],
    PostgreSQL: [
      ["hold_gil", "spawn"],
      ["start_children", "fork"],
    ],
  } as const;
  test.each(LONG_TESTS ? Object.values(stuck).flat() : stuck[database as keyof typeof stuck])(
    "a host that is killed while all workers are in %s (%s) leaves no process or row behind",
    async (stuckIn, startMethod) => {
      const host = startHost(registry, { stuckIn, startMethod });
      await busy(host);
      const expected = stuckIn === "start_children" ? 1 + 1 + 4 * 3 : 1 + 1 + 4;
      await until("all workers have started", () => processesWith(MARK, mark).length >= expected);
      host.kill("SIGKILL");
      await expectNoSurvivors(host);
      await expectEmpty(registry);
    },
  );
});
