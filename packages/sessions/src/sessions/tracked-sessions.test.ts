import { SnakepitError, type StateStore } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MemoryStore } from "../store/memory-store.ts";
import { ControlledStore } from "../testing/controlled-store.ts";
import { WriteTurns } from "../updates/write-turns.ts";
import { SessionDirectory } from "./session-directory.ts";
import type { SessionDirectoryOptions } from "./session-directory-options.ts";

const AWAY = new SnakepitError("REGISTRY_UNAVAILABLE", "away");

let clock: FakeClock;
let log: string[];
let failures: unknown[];
const directories: SessionDirectory[] = [];

beforeEach(() => {
  clock = new FakeClock();
  log = [];
  failures = [];
});
afterEach(async () => {
  vi.useRealTimers();
  for (const directory of directories.splice(0)) await directory.close();
});

function directory(store: StateStore, options: Partial<SessionDirectoryOptions> = {}): SessionDirectory {
  const made = new SessionDirectory(
    store,
    clock,
    {
      ttlMs: 60_000,
      maxSessions: 10,
      maxStaleMs: 2_000,
      sweepIntervalMs: Number.POSITIVE_INFINITY,
      turns: new WriteTurns(),
      ...options,
    },
    {
      created: (id) => log.push(`created ${id}`),
      ended: (id) => log.push(`ended ${id}`),
      lastWorkerOf: () => undefined,
      storeFailed: (error) => failures.push(error),
    },
  );
  directories.push(made);
  return made;
}

async function codeOf(promise: Promise<unknown> | undefined): Promise<string> {
  try {
    await promise;
    return "no error";
  } catch (thrown) {
    return thrown instanceof SnakepitError ? thrown.code : String(thrown);
  }
}

/** Waits for pending promises. */
async function turn(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

/** A store whose methods can be made to fail or wait. */
class UnreliableStore extends MemoryStore {
  touches = 0;
  touching: () => Promise<void> = () => Promise.resolve();
  sweeping: () => Promise<void> = () => Promise.resolve();

  override async touchSessions(...args: Parameters<MemoryStore["touchSessions"]>): Promise<void> {
    this.touches += 1;
    await this.touching();
    await super.touchSessions(...args);
  }

  override async sweepSessions(...args: Parameters<MemoryStore["sweepSessions"]>): Promise<readonly string[]> {
    await this.sweeping();
    return await super.sweepSessions(...args);
  }
}

/** The same store, marked as shared with other hosts. */
function shared(store: StateStore): StateStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === "shared") return true;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

describe("a session with the ID of an ended one", () => {
  test("is a new session: the end of the old one is reported first", async () => {
    const sessions = directory(new MemoryStore());
    await sessions.open("a");
    clock.advance(60_000);
    await sessions.open("a");
    await turn();
    expect(log).toEqual(["created a", "ended a", "created a"]);
  });

  test("is a new session even if another host created it before the end of the old one was reported", async () => {
    const store = new ControlledStore();
    const sessions = directory(store);
    await sessions.open("a");
    store.isMuted = true;
    await store.others.deleteSession("a", clock.now());
    clock.advance(1);
    await store.others.createSession({ id: "a", metadata: {}, ttlMs: 60_000 }, clock.now(), 10);
    store.isMuted = false;
    store.report({ is: "session", id: "a" });
    await turn();
    expect(log).toEqual(["created a", "ended a"]);
    expect(await codeOf(sessions.use("a"))).toBe("no error");
  });
});

describe("a session that ends while it is read", () => {
  test("is not considered active", async () => {
    const store = new ControlledStore();
    const sessions = directory(store);
    await store.others.createSession({ id: "a", metadata: {}, ttlMs: 60_000 }, clock.now(), 10);
    store.hold();
    const use = sessions.use("a");
    await turn();
    await store.others.deleteSession("a", clock.now());
    store.release();
    expect(await codeOf(use)).toBe("UNKNOWN_SESSION");
    expect(await codeOf(sessions.use("a"))).toBe("UNKNOWN_SESSION");
    expect((await sessions.stats()).tracked).toBe(0);
  });

  test("is not considered active even if it was just created", async () => {
    const sessions = directory(new MemoryStore());
    await Promise.all([sessions.open("a"), sessions.delete("a")]);
    await turn();
    expect(await codeOf(sessions.use("a"))).toBe("UNKNOWN_SESSION");
  });
});

describe("a use that is not persisted yet", () => {
  test("counts while it is being persisted", async () => {
    const store = new UnreliableStore();
    const sessions = directory(store);
    await sessions.open("a", { ttlMs: 1_000 });
    await sessions.list();
    clock.advance(900);
    expect(sessions.use("a")).toBeUndefined();
    const { promise, resolve } = Promise.withResolvers<void>();
    store.touching = () => promise;
    const listed = sessions.list();
    await turn();
    clock.advance(200);
    // The report looks like a change by another host.
    await store.writeSession("a", { version: 1, metadata: { n: 1 }, ttlMs: 1_000 }, clock.now() - 200);
    await turn();
    expect(log).toEqual(["created a"]);
    resolve();
    expect(await listed).toMatchObject([{ id: "a" }]);
    expect(await codeOf(sessions.use("a"))).toBe("no error");
  });

  test("counts when the session is read again because its state is stale", async () => {
    const store = shared(new UnreliableStore());
    const sessions = directory(store, { maxStaleMs: 500 });
    await sessions.open("a", { ttlMs: 1_000 });
    clock.advance(400);
    expect(sessions.use("a")).toBeUndefined();
    clock.advance(700);
    expect(await codeOf(sessions.use("a"))).toBe("no error");
    expect(await sessions.exists("a")).toBe(true);
    expect(log).toEqual(["created a"]);
  });

  test("is persisted before the session expires in the store", async () => {
    vi.useFakeTimers();
    const store = new UnreliableStore();
    const sessions = directory(store);
    await sessions.open("a", { ttlMs: 4_000 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(store.touches).toBe(1);
    clock.advance(3_990);
    expect(sessions.use("a")).toBeUndefined();
    await vi.advanceTimersByTimeAsync(10);
    expect(store.touches).toBe(2);
  });

  test("is persisted with earlier uses if the store would not accept it without them", async () => {
    const store = new UnreliableStore();
    const sessions = directory(store);
    await sessions.open("a", { ttlMs: 1_000 });
    await sessions.list();
    store.touching = () => Promise.reject(AWAY);
    for (let i = 0; i < 40; i++) {
      clock.advance(100);
      expect(sessions.use("a")).toBeUndefined();
    }
    await sessions.list();
    store.touching = () => Promise.resolve();
    expect(await sessions.list()).toMatchObject([{ id: "a", usedAt: clock.now() }]);
  });

  test("keeps its session from being swept if it cannot be persisted", async () => {
    const store = new UnreliableStore();
    const sessions = directory(store);
    await sessions.open("a");
    clock.advance(59_000);
    expect(sessions.use("a")).toBeUndefined();
    clock.advance(2_000);
    store.touching = () => Promise.reject(AWAY);
    await expect(sessions.sweep()).rejects.toBe(AWAY);
    store.touching = () => Promise.resolve();
    expect(await sessions.sweep()).toBe(0);
    expect(await sessions.exists("a")).toBe(true);
  });
});

test("a clock that is set back does not make stale state fresh", async () => {
  const store = shared(new UnreliableStore());
  const sessions = directory(store);
  await sessions.open("a", { ttlMs: Number.POSITIVE_INFINITY });
  clock.advance(-3_600_000);
  expect(sessions.use("a")).toBeInstanceOf(Promise);
});

describe("changes that are reported faster than the store responds", () => {
  test.each([
    [{ is: "session", id: "a" }, 2],
    [{ is: "everything" }, 3],
  ] as const)("are coalesced: %j", async (change, most) => {
    const store = new ControlledStore();
    const sessions = directory(store);
    await sessions.open("a");
    await sessions.open("b");
    await turn();
    store.calls.length = 0;
    store.hold();
    for (let i = 0; i < 100; i++) {
      store.report(change);
      await Promise.resolve();
    }
    await store.others.deleteSession("a", clock.now());
    store.release();
    await turn();
    expect(store.calls.filter((method) => method === "readSession").length).toBeLessThanOrEqual(most);
    expect(log.slice(2)).toEqual(["ended a"]);
  });
});

test("the end of a session is reported once when it is closed during a read", async () => {
  const store = new ControlledStore();
  const sessions = directory(store);
  await sessions.open("a");
  await turn();
  store.hold();
  store.report({ is: "session", id: "a" });
  await sessions.delete("a");
  store.release();
  await turn();
  expect(log).toEqual(["created a", "ended a"]);
});

describe("after close()", () => {
  test("nothing is retried", async () => {
    vi.useFakeTimers();
    const store = new UnreliableStore();
    store.touching = () => Promise.reject(AWAY);
    const sessions = directory(store);
    await sessions.open("a");
    await sessions.close();
    expect(failures).toEqual([AWAY]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.touches).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("no session can be created or used", async () => {
    vi.useFakeTimers();
    const store = new UnreliableStore();
    const sessions = directory(store);
    await sessions.open("a");
    await sessions.close();
    for (const use of [
      () => sessions.open("b"),
      () => sessions.open("a"),
      () => sessions.use("a"),
      () => sessions.get("a"),
      () => sessions.exists("a"),
      () => sessions.update("a", () => ({})),
      () => sessions.write("a", {}, 1),
      () => sessions.delete("a"),
      () => sessions.list(),
      () => sessions.stats(),
      () => sessions.sweep(),
    ]) {
      expect(await codeOf(use())).toBe("SHUTTING_DOWN");
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a sweep in progress has ended", async () => {
    const store = new UnreliableStore();
    const sessions = directory(store, { sweepIntervalMs: 1 });
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    store.sweeping = () => {
      begun.resolve();
      return end.promise;
    };
    await begun.promise;
    let isClosed = false;
    const closing = sessions.close().then(() => {
      isClosed = true;
    });
    await turn();
    expect(isClosed).toBe(false);
    end.resolve();
    await closing;
    expect(failures).toEqual([]);
  });
});

describe("bounds", () => {
  test.each([0, 1.5, -1, Number.NaN, 1e300, "1h"])("rejects the time to live %s", async (ttlMs) => {
    const error = directory(new MemoryStore()).open("a", { ttlMs: ttlMs as number });
    await expect(error).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message: /ttlMs/ });
  });

  test.each([0, -1, 1.5, Number.NaN, 10_001, "7"])("rejects the page limit %s", async (limit) => {
    const error = directory(new MemoryStore()).list({ limit: limit as number });
    await expect(error).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message: /limit/ });
  });

  test("rejects a page after a number, and has a default limit", async () => {
    const sessions = directory(new MemoryStore(), { maxSessions: 2_000 });
    await expect(sessions.list({ after: 7 as never })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    for (let i = 0; i < 1_001; i++) await sessions.open();
    expect(await sessions.list({ limit: undefined, after: undefined } as never)).toHaveLength(1_000);
  });
});
