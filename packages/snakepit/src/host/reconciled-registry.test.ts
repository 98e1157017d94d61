import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "@snakepit/core";
import { openRegistry } from "@snakepit/registry";
import { type PostgresServer, runSql, testPostgres } from "@snakepit/registry/testing/postgres-server";
import { TcpRelay } from "@snakepit/registry/testing/tcp-relay";
import { createTelemetry } from "@snakepit/telemetry";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { python, Snakepit } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { isAlive, until } from "../testing/processes.ts";
import { ReconciledRegistry } from "./reconciled-registry.ts";

const TOOLS = join(import.meta.dirname, "../testing/tools.py");

let server: PostgresServer;
let url: string;
let relay: TcpRelay;
let directory: string;
let lines: string[];
const log: Logger = {
  debug: () => {},
  info: (_, message) => lines.push(`info: ${message}`),
  warn: (_, message) => lines.push(`warn: ${message}`),
  error: (_, message) => lines.push(`error: ${message}`),
};
const telemetry = createTelemetry({ logger: log });

beforeAll(async () => {
  server = await testPostgres();
});
afterAll(() => server.close());

beforeEach(async () => {
  url = await server.createDatabase();
  relay = await TcpRelay.to(url);
  directory = mkdtempSync(join(tmpdir(), "snakepit-reconciled-"));
  lines = [];
});
afterEach(async () => {
  await relay.break();
  rmSync(directory, { recursive: true });
});

async function openReconciled(): Promise<ReconciledRegistry> {
  return new ReconciledRegistry(await openRegistry({ url: relay.through(url), connectTimeoutMs: 60_000 }), telemetry);
}

function row(workerId: string) {
  return { workerId, pool: "default", role: "worker" } as const;
}

function activation(workerId: string, pid: number) {
  return { workerId, pid, startTime: "1", processGroup: pid };
}

async function rows(): Promise<readonly unknown[]> {
  return await runSql(url, "select worker_id, state, pid from snakepit.processes order by worker_id");
}

test("a database is not unavailable because the host itself was stopped", async () => {
  const registry = await openReconciled();
  await registry.reserve([row("first")]);
  const reserved = registry.reserve([row("second")]);
  // Longer than the host waits for the database, by more than a timer may be late.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_600);
  await reserved;
  expect(lines).toEqual([]);
  expect(await rows()).toMatchObject([{ worker_id: "first" }, { worker_id: "second" }]);
  await registry.close();
});

test("changes during an outage of the database are recorded afterward", async () => {
  const registry = await openReconciled();
  await registry.reserve([row("kept"), row("released"), row("activated")]);
  await registry.activate([activation("kept", 1), activation("released", 2)]);
  await relay.break();
  await registry.release(["released"]);
  await registry.activate([activation("activated", 3)]);
  await registry.reserve([row("started"), row("reserved"), row("ended")]);
  await registry.activate([activation("started", 4), activation("ended", 5)]);
  await registry.release(["ended"]);
  await relay.restore();
  await vi.waitFor(
    async () =>
      expect(await rows()).toEqual([
        { worker_id: "activated", state: "active", pid: 3 },
        { worker_id: "kept", state: "active", pid: 1 },
        { worker_id: "reserved", state: "reserved", pid: null },
        { worker_id: "started", state: "active", pid: 4 },
      ]),
    120_000,
  );
  await vi.waitFor(() => expect(lines).toHaveLength(2), 120_000);
  expect(lines).toEqual([
    expect.stringMatching(/^warn: the process registry is unavailable; processes that start now are recorded when /),
    "info: the process registry is available again and has the running processes",
  ]);
  // The next change is recorded immediately.
  await registry.release(["activated", "kept", "reserved", "started"]);
  expect(await rows()).toEqual([]);
  await registry.close();
  expect(await runSql(url, "select from snakepit.hosts")).toHaveLength(0);
});

test("a database that does not answer delays a change once, and only for a limited time", async () => {
  const registry = await openReconciled();
  await registry.reserve([row("first")]);
  relay.silence();
  await registry.reserve([row("second")]);
  await registry.reserve([row("third")]);
  relay.cut();
  await vi.waitFor(async () => expect(await rows()).toHaveLength(3), 120_000);
  await registry.release(["first", "second", "third"]);
  await registry.close();
  expect(await runSql(url, "select from snakepit.hosts")).toHaveLength(0);
});

test("before the first process, an unavailable database is an error", async () => {
  const registry = await openReconciled();
  await relay.break();
  await expect(registry.reserve([row("first")])).rejects.toMatchObject({ code: "REGISTRY_UNAVAILABLE" });
  await expect(registry.close()).rejects.toMatchObject({ code: "REGISTRY_UNAVAILABLE" });
});

test("other errors are not kept", async () => {
  const opened = await openRegistry({ path: join(directory, "registry.db") });
  const registry = new ReconciledRegistry(opened, telemetry);
  await registry.reserve([row("first")]);
  await registry.release(["first"]);
  await opened.close();
  await expect(registry.reserve([row("second")])).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
});

test("a closing registry records what is missing", async () => {
  const registry = await openReconciled();
  await registry.reserve([row("first")]);
  await relay.break();
  await registry.release(["first"]);
  await relay.restore();
  await registry.close();
  expect(await runSql(url, "select from snakepit.hosts")).toHaveLength(0);
});

test("workers are replaced while the database of the registry is away, and their rows are correct when it is back", async () => {
  await using pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 4,
    registry: { url: relay.through(url) },
    logger: false,
  });
  await pit.ready();
  const pids = () => pit.workers().map(({ pid }) => pid);
  const before = pids();
  await relay.break();
  for (const pid of before) process.kill(pid, "SIGKILL");
  await until("all are replaced", () => pids().length === 4 && !pids().some((pid) => before.includes(pid)));
  const answers = await Promise.allSettled(
    Array.from({ length: 8 }, (_, value) => pit.execute("echo", { value }, { idempotent: true })),
  );
  expect(answers.map((each) => each.status)).toEqual(Array.from({ length: 8 }, () => "fulfilled"));
  await relay.restore();
  const recorded = async () =>
    (await runSql(url, "select pid from snakepit.processes where role = 'worker' and state = 'active'")).map((each) =>
      Number(each["pid"]),
    );
  await until("the rows are those of the running workers", async () => {
    return JSON.stringify((await recorded()).sort()) === JSON.stringify(pids().sort());
  });
  await pit.close();
  expect(await runSql(url, "select from snakepit.hosts")).toHaveLength(0);
  expect(before.filter(isAlive)).toEqual([]);
  expect(pit.stats()).toMatchObject({ busy: 0, queued: 0, active: 0 });
});
