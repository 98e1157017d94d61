import { SnakepitError, type StateChange, type StateStore } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryStore } from "../store/memory-store.ts";
import { WriteTurns } from "../updates/write-turns.ts";
import { SessionDirectory } from "./session-directory.ts";
import type { SessionDirectoryOptions, SessionListener } from "./session-directory-options.ts";
import type { SessionMetadata } from "./session-metadata.ts";

const OPTIONS: Omit<SessionDirectoryOptions, "turns"> = {
  ttlMs: 60_000,
  maxSessions: 3,
  maxStaleMs: 2_000,
  sweepIntervalMs: Number.POSITIVE_INFINITY,
};

class Listener implements SessionListener {
  readonly log: string[] = [];
  readonly workers = new Map<string, string>();
  readonly failures: unknown[] = [];
  created(id: string): void {
    this.log.push(`created ${id}`);
  }
  ended(id: string): void {
    this.log.push(`ended ${id}`);
  }
  lastWorkerOf(id: string): string | undefined {
    return this.workers.get(id);
  }
  storeFailed(error: unknown): void {
    this.failures.push(error);
  }
}

/** A store that counts its reads, can be made to fail, and is also written by other hosts. */
function watched(store: StateStore, shared: boolean) {
  const calls: string[] = [];
  let failure: SnakepitError | undefined;
  const proxy = new Proxy(store, {
    get(target, name) {
      if (name === "shared") return shared;
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        calls.push(String(name));
        if (failure !== undefined && name !== "onChange") return Promise.reject(failure);
        return member.apply(target, args) as unknown;
      };
    },
  });
  const fail = (error: SnakepitError | undefined) => {
    failure = error;
  };
  return { store: proxy, calls, fail };
}

let clock: FakeClock;
let memory: MemoryStore;
let listener: Listener;
const directories: SessionDirectory[] = [];

beforeEach(() => {
  clock = new FakeClock();
  memory = new MemoryStore();
  listener = new Listener();
});
afterEach(async () => {
  for (const directory of directories.splice(0)) await directory.close();
});

function directory(store: StateStore = memory, options: Partial<SessionDirectoryOptions> = {}, to = listener) {
  const made = new SessionDirectory(store, clock, { ...OPTIONS, turns: new WriteTurns(), ...options }, to);
  directories.push(made);
  return made;
}

function codeOf(promise: Promise<unknown> | undefined): Promise<string> {
  return Promise.resolve(promise).then(
    () => "no error",
    (thrown: unknown) => (thrown instanceof SnakepitError ? thrown.code : String(thrown)),
  );
}

describe("a session", () => {
  test("is created once, and found unchanged afterwards", async () => {
    const sessions = directory();
    const made = await sessions.open("a", { ttlMs: 5_000, metadata: { user: 7 } });
    expect(made).toMatchObject({ id: "a", version: 1, metadata: { user: 7 }, ttlMs: 5_000, lastWorker: undefined });
    expect(await sessions.open("a", { metadata: { user: 8 } })).toMatchObject({ version: 1, metadata: { user: 7 } });
    expect(listener.log).toEqual(["created a"]);
  });

  test("has a default ID and a default time to live", async () => {
    const { id, ttlMs } = await directory().open();
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(ttlMs).toBe(60_000);
  });

  test("stays active as long as it is used, and is never revived", async () => {
    const sessions = directory();
    await sessions.open("a");
    for (let i = 0; i < 5; i++) {
      clock.advance(59_999);
      expect(sessions.use("a")).toBeUndefined();
    }
    clock.advance(60_000);
    expect(await codeOf(sessions.use("a"))).toBe("SESSION_EXPIRED");
    expect(await codeOf(sessions.get("a"))).toBe("SESSION_EXPIRED");
    expect(await sessions.exists("a")).toBe(false);
    expect(await sessions.sweep()).toBe(1);
    expect(await codeOf(sessions.get("a"))).toBe("UNKNOWN_SESSION");
    expect(listener.log).toEqual(["created a", "ended a"]);
  });

  test("that was never created is unknown", async () => {
    const sessions = directory();
    expect(await codeOf(sessions.use("b"))).toBe("UNKNOWN_SESSION");
    await expect(sessions.get("b")).rejects.toThrow(/unknown session "b".*session\("b"\)/);
    expect(await sessions.delete("b")).toBe(false);
  });

  test("cannot be created beyond the quota, until one has ended", async () => {
    const sessions = directory();
    for (const id of ["a", "b", "c"]) await sessions.open(id);
    await expect(sessions.open("d")).rejects.toMatchObject({
      code: "QUOTA_EXCEEDED",
      message: expect.stringContaining("3 of 3 sessions are active (sessions: { maxSessions })") as string,
    });
    await sessions.open("a");
    await sessions.delete("b");
    await sessions.open("d");
  });

  test.each([
    ["", /got an empty string/],
    ["x".repeat(257), /one of 257 characters/],
    ["a\nb", /control character/],
    ["\ud800", /surrogate/],
    [7, /got 7/],
    [null, /null/],
  ])("rejects the invalid ID %j", async (id, message) => {
    const sessions = directory();
    await expect(sessions.open(id as string)).rejects.toThrow(message);
    await expect(Promise.resolve(sessions.use(id as string))).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  const cycle: Record<string, unknown> = {};
  cycle["friends"] = [{ of: cycle }];
  const deep = JSON.parse(`${'{"in":'.repeat(300)}1${"}".repeat(300)}`) as unknown;

  test.each([
    [[], "metadata", "type", "the metadata of a session must be an object; got an array"],
    ["plan", "metadata", "type", 'the metadata of a session must be an object; got "plan"'],
    [{ at: { f: () => 1 } }, "metadata.at.f", "json", "metadata.at.f is a function, which JSON cannot represent"],
    [{ n: [1, Number.NaN] }, "metadata.n[1]", "json", "metadata.n[1] is NaN, which JSON cannot represent"],
    [{ "to do": new Map() }, 'metadata["to do"]', "json", 'metadata["to do"] is a map with keys of any type'],
    [cycle, "metadata.friends[0].of", "json", "metadata.friends[0].of contains itself, which JSON cannot represent"],
    [deep, expect.stringMatching(/^metadata.in.*….*in$/), "json", "is nested deeper than 255 levels"],
    [{ a: "\0" }, "metadata.a", "text", "metadata.a contains the character U+0000"],
    [{ "\ud800": 1 }, 'metadata["\\ud800"]', "text", "has a name that contains a lone surrogate"],
    [{ big: "x".repeat(70_000) }, "metadata", "size", "at most 65536 bytes; got 70010; store large data in a program"],
  ])("rejects invalid metadata (%#)", async (metadata, path, reason, message) => {
    const opened = directory().open("a", { metadata: metadata as Record<string, unknown> });
    await expect(opened).rejects.toMatchObject({ code: "INVALID_ARGUMENT", details: { path, reason } });
    await expect(opened).rejects.toThrow(message);
    expect(await directory().exists("a")).toBe(false);
  });
});

describe("an update", () => {
  test("loses no concurrent change", async () => {
    const sessions = directory();
    await sessions.open("a", { metadata: { n: 0 } });
    const increment = () => sessions.update("a", ({ n }) => ({ n: (n as number) + 1 }));
    await Promise.all(Array.from({ length: 50 }, increment));
    expect(await sessions.get("a")).toMatchObject({ version: 51, metadata: { n: 50 } });
  });

  test("by a slow function succeeds next to a writer that never pauses, which it delays after a conflict", async () => {
    const turns = new WriteTurns();
    const sessions = directory(memory, { turns });
    await sessions.open("a", { metadata: { n: 0 } });
    let isDone = false;
    let writes = 0;
    const hot = (async () => {
      // Without end, it would keep the event loop from the delays of an update that does not succeed.
      for (; writes < 100_000 && !isDone; writes++) await sessions.write("a", { n: 0 }, undefined);
    })();
    let attempts = 0;
    const changing = sessions.update("a", async ({ n }) => {
      attempts += 1;
      for (let i = 0; i < 100; i++) await sessions.exists("b");
      // An update of the function itself does not wait for the function.
      if (attempts === 2) await sessions.update("a", async (inner) => inner);
      return { n: Number(n) + 1 };
    });
    expect((await changing).metadata).toEqual({ n: 1 });
    isDone = true;
    await hot;
    expect(writes).toBeLessThan(100_000);
    expect(attempts).toBe(3);
    expect(turns.size).toBe(0);
  });

  test("that throws changes nothing", async () => {
    const sessions = directory();
    await sessions.open("a", { metadata: { n: 0 } });
    const change = ({ n }: { readonly n?: unknown }) => {
      throw new RangeError(`no more than ${n}`);
    };
    await expect(sessions.update("a", change)).rejects.toThrow(new RangeError("no more than 0"));
    expect(await sessions.get("a")).toMatchObject({ version: 1, metadata: { n: 0 } });
  });

  test("that conflicts in every attempt fails", async () => {
    const sessions = directory();
    await sessions.open("a");
    const change = async (metadata: SessionMetadata) => {
      await sessions.update("a", (present) => present);
      return { ...metadata, late: true };
    };
    await expect(sessions.update("a", change)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("in each of 100 attempts") as string,
      details: { sessionId: "a", reason: "version", attempts: 100 },
    });
    expect((await sessions.get("a")).metadata).toEqual({});
  });

  test("at another version than the expected one is rejected", async () => {
    const sessions = directory();
    await sessions.open("a");
    expect((await sessions.write("a", { n: 1 }, 1)).version).toBe(2);
    await expect(sessions.write("a", { n: 2 }, 1)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      details: { reason: "version", version: 2, expected: 1 },
    });
    expect((await sessions.write("a", { n: 3 }, undefined)).metadata).toEqual({ n: 3 });
  });

  test("of a session that ends during the update fails", async () => {
    const sessions = directory();
    await sessions.open("a");
    const change = async () => {
      await memory.deleteSession("a", clock.now());
      return {};
    };
    expect(await codeOf(sessions.update("a", change))).toBe("UNKNOWN_SESSION");
  });
});

describe("uses", () => {
  test("need no read of the store, and are persisted in one batch, with the worker", async () => {
    const { store, calls } = watched(memory, true);
    const sessions = directory(store);
    await sessions.open("a");
    await sessions.open("b");
    calls.length = 0;
    clock.advance(1_000);
    for (let i = 0; i < 1_000; i++) expect(sessions.use(i % 2 === 0 ? "a" : "b")).toBeUndefined();
    expect(calls).toEqual([]);
    listener.workers.set("a", "default-1");
    const stats = await sessions.stats();
    expect(stats).toMatchObject({ active: 2, tracked: 2, store: "memory" });
    expect(calls).toEqual(["touchSessions", "countSessions"]);
    expect(await memory.readSession("a")).toMatchObject({ usedAt: clock.now(), lastWorker: "default-1" });
  });

  test("in a shared store read the session again when its state is stale", async () => {
    const { store, calls } = watched(memory, true);
    const sessions = directory(store);
    await sessions.open("a");
    clock.advance(1_999);
    expect(sessions.use("a")).toBeUndefined();
    clock.advance(1);
    calls.length = 0;
    await sessions.use("a");
    expect(calls).toEqual(["readSession"]);
  });

  test("that could not be persisted are persisted later", async () => {
    const { store, fail } = watched(memory, true);
    const sessions = directory(store);
    await sessions.open("a");
    clock.advance(500);
    await sessions.use("a");
    const away = new SnakepitError("REGISTRY_UNAVAILABLE", "away");
    fail(away);
    expect(await codeOf(sessions.list())).toBe("REGISTRY_UNAVAILABLE");
    expect(listener.failures).toEqual([away]);
    fail(undefined);
    expect(await sessions.list()).toMatchObject([{ id: "a", usedAt: clock.now() }]);
  });
});

describe("the end of a session", () => {
  test("is reported once when this host closed it", async () => {
    const sessions = directory();
    await sessions.open("a");
    expect(await sessions.delete("a")).toBe(true);
    expect(listener.log).toEqual(["created a", "ended a"]);
  });

  test("is reported when another host has closed or swept it, but only by hosts that track it", async () => {
    const other = new Listener();
    const here = directory(memory, {}, listener);
    const there = directory(memory, {}, other);
    await here.open("a");
    await there.use("a");
    await here.open("mine");
    await there.delete("a");
    await there.delete("mine");
    await turn();
    expect(listener.log).toEqual(["created a", "created mine", "ended a", "ended mine"]);
    expect(other.log).toEqual(["ended a"]);
  });

  test("is reported despite a lost notification, once all sessions are verified", async () => {
    const listeners: ((change: StateChange) => void)[] = [];
    const deaf = new Proxy(memory, {
      get: (target, name) => {
        if (name === "onChange") {
          return (listener: (change: StateChange) => void) => {
            listeners.push(listener);
            return () => {};
          };
        }
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    const sessions = directory(deaf);
    await sessions.open("a");
    await memory.deleteSession("a", clock.now());
    expect(listener.log).toEqual(["created a"]);
    for (const notify of listeners) notify({ is: "everything" });
    await turn();
    expect(listener.log).toEqual(["created a", "ended a"]);
  });
});

/** Waits for pending promises. */
async function turn(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
