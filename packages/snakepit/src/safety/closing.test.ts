import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ProcessRegistry } from "@snakepit/core";
import { openRegistry } from "@snakepit/registry";
import { testPostgres } from "@snakepit/registry/testing/postgres-server";
import { TcpRelay } from "@snakepit/registry/testing/tcp-relay";
import { recordingLogger } from "@snakepit/telemetry/testing/recording-logger";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { python, Snakepit, type SnakepitConfig } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { isAlive } from "../testing/processes.ts";

const TOOLS = join(import.meta.dirname, "../testing/tools.py");

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-closing-"));
  path = join(directory, "registry.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Faults of a SQLite registry while a host runs; each returns a function that undoes it. */
const FAULTS: readonly (readonly [string, () => () => void])[] = [
  ["is locked by another process", lock],
  ["was deleted", () => removed(path, `${path}-wal`, `${path}-shm`)],
  [
    "was replaced by another database",
    () => {
      renameSync(path, join(directory, "old.db"));
      new DatabaseSync(path).close();
      return () => {};
    },
  ],
];

describe.each(FAULTS)("while the registry %s (H10)", (_, break_) => {
  test("close() stops the workers and resolves with a warning, also when it is called twice", async () => {
    const logger = recordingLogger();
    const pit = await start({ size: 2, logger });
    // A worker that is still starting would be the subject of another warning.
    await pit.ready();
    const pids = pit.workers().map(({ pid }) => pid);
    const repair = break_();
    await pit.close();
    await pit.close();
    expect(pids.filter(isAlive)).toEqual([]);
    expect(warnings(logger)).toEqual([
      expect.stringMatching(/^rows of this host may remain in the process registry: /),
    ]);
    repair();
  });

  test("a finished script leaves its `await using` block without an error", async () => {
    let repair = () => {};
    const script = async () => {
      await using pit = await start({});
      repair = break_();
      return await pit.execute<number>("pid", {});
    };
    expect(isAlive(await script())).toBe(false);
    repair();
  });
});

test("the next host removes the rows that a host left because the registry was locked (H10)", async () => {
  const pit = await start({});
  const release = lock();
  await pit.close();
  release();
  const left = new DatabaseSync(path);
  expect(left.prepare("select count(*) as count from hosts").get()).toEqual({ count: 1 });
  // Simulates the end of that host's process: the rows of a running host are kept.
  left.exec("update hosts set start_time = 'a process that has ended'");
  await (await start({})).close();
  expect(left.prepare("select count(*) as count from hosts").get()).toEqual({ count: 0 });
  left.close();
});

test("a worker that crashes while the registry is locked does not block calls to the others (H10)", async () => {
  const pit = await start({ size: 2 });
  await pit.ready();
  const release = lock();
  const pid = await pit.execute<number>("pid", {});
  process.kill(pid, "SIGKILL");
  const others = await Promise.all(Array.from({ length: 20 }, () => pit.execute<number>("pid", {}).catch(() => pid)));
  expect(others.some((other) => other !== pid)).toBe(true);
  release();
  await pit.close();
});

test("close() does not wait for a PostgreSQL server that no longer responds (H10)", async () => {
  const relay = await TcpRelay.to((await testPostgres()).url);
  const logger = recordingLogger();
  const pit = await start({
    size: 2,
    registry: { url: relay.through(await (await testPostgres()).createDatabase()) },
    logger,
  });
  // A worker that is still starting would be the subject of another warning.
  await pit.ready();
  const pid = await pit.execute<number>("pid", {});
  relay.silence();
  await pit.close();
  expect(isAlive(pid)).toBe(false);
  expect(warnings(logger)).toEqual([expect.stringMatching(/^rows of this host may remain .*did not answer in time/)]);
  await relay.break();
});

test("close() limits the wait for a custom registry (H10)", async () => {
  const lent = await openRegistry({ path });
  const registry: ProcessRegistry = {
    runId: lent.runId,
    reserve: (reservations) => lent.reserve(reservations),
    activate: (activations) => lent.activate(activations),
    sweep: () => lent.sweep(),
    release: () => new Promise(() => {}),
    close: () => Promise.reject(new Error("it is not the host's to close")),
  };
  const pit = await start({ size: 3, registry });
  const pid = await pit.execute<number>("pid", {});
  await pit.close();
  expect(isAlive(pid)).toBe(false);
  await lent.close();
});

function start(options: Partial<SnakepitConfig>): Promise<Snakepit> {
  return Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 1,
    registry: { path },
    logger: false,
    ...options,
  });
}

function warnings({ records }: ReturnType<typeof recordingLogger>): readonly string[] {
  return records.filter(({ level }) => level === "warn").map(({ message }) => message);
}

function lock(): () => void {
  const other = new DatabaseSync(path);
  other.exec("begin immediate");
  return () => {
    other.exec("rollback");
    other.close();
  };
}

function removed(...files: readonly string[]): () => void {
  for (const file of files) rmSync(file, { force: true });
  return () => {};
}
