import { SnakepitError } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MemoryStore } from "../store/memory-store.ts";
import { WriteTurns } from "../updates/write-turns.ts";
import { SessionDirectory } from "./session-directory.ts";

/** A custom store with delayed answers. */
class SlowStore extends MemoryStore {
  answer: Promise<void> = Promise.resolve();
  touches = 0;

  override async touchSessions(...args: Parameters<MemoryStore["touchSessions"]>): Promise<void> {
    this.touches += 1;
    await this.answer;
    await super.touchSessions(...args);
  }

  override async sweepSessions(...args: Parameters<MemoryStore["sweepSessions"]>): Promise<readonly string[]> {
    await this.answer;
    return await super.sweepSessions(...args);
  }
}

let clock: FakeClock;
let store: SlowStore;
let workers: Map<string, string>;
let failures: unknown[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  clock = new FakeClock();
  store = new SlowStore();
  workers = new Map();
  failures = [];
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function directory(sweepIntervalMs = Number.POSITIVE_INFINITY): SessionDirectory {
  return new SessionDirectory(
    store,
    clock,
    { ttlMs: 60_000, maxSessions: 10, maxStaleMs: 2_000, sweepIntervalMs, turns: new WriteTurns() },
    {
      created: () => {},
      ended: () => {},
      lastWorkerOf: (id) => workers.get(id),
      storeFailed: (error) => failures.push(error),
    },
  );
}

async function lastWorker(id: string): Promise<string | undefined> {
  return (await store.readSession(id))?.lastWorker;
}

describe("the last worker of a session that was just used", () => {
  test("is persisted although the workers stop before the host closes", async () => {
    const sessions = directory();
    await sessions.open("a");
    workers.set("a", "w-1");
    sessions.persistLastWorkers();
    workers.clear();
    clock.advance(5);
    // A tool that is still being executed reads a variable.
    expect(sessions.use("a")).toBeUndefined();
    await sessions.close();
    expect(await store.readSession("a")).toMatchObject({ lastWorker: "w-1", usedAt: clock.now() });
  });

  test("is persisted while earlier uses are being persisted", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const sessions = directory();
    await sessions.open("a");
    store.answer = promise;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(store.touches).toBe(1);
    clock.advance(5);
    expect(sessions.use("a")).toBeUndefined();
    workers.set("a", "w-1");
    sessions.persistLastWorkers();
    workers.clear();
    resolve();
    await sessions.close();
    expect(await lastWorker("a")).toBe("w-1");
  });

  test("is persisted at once, so that nothing is lost when closing stops waiting", async () => {
    const sessions = directory();
    await sessions.open("a");
    workers.set("a", "w-1");
    sessions.persistLastWorkers();
    await vi.advanceTimersByTimeAsync(0);
    expect(await lastWorker("a")).toBe("w-1");
    await sessions.close();
  });
});

describe("a store that does not respond", () => {
  test.each([
    ["recording uses", Number.POSITIVE_INFINITY],
    ["sweeping", 10],
  ])("delays closing by two seconds and is reported, while %s", async (_, sweepIntervalMs) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sessions = directory(sweepIntervalMs);
    await sessions.open("a");
    await sessions.list();
    store.answer = promise;
    if (sweepIntervalMs === 10) await vi.advanceTimersByTimeAsync(10);
    else await sessions.use("a");
    let isClosed = false;
    const closed = sessions.close().then(() => {
      isClosed = true;
    });
    await vi.advanceTimersByTimeAsync(1_999);
    expect([isClosed, failures]).toEqual([false, []]);
    await vi.advanceTimersByTimeAsync(1);
    await closed;
    expect(failures).toEqual([expect.any(SnakepitError)]);
    expect(failures[0]).toMatchObject({
      code: "REGISTRY_UNAVAILABLE",
      message: expect.stringMatching(/^the "memory" session store did not respond within 2000 ms of closing/),
    });
    // Its later outcome is ignored.
    if (sweepIntervalMs === 10) resolve();
    else reject(new Error("at last"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(failures).toHaveLength(1);
  });
});
