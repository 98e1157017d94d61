import { type EntryWrite, SnakepitError, type StateChange } from "@snakepit/core";
import { FakeClock, stateStoreConformance } from "@snakepit/core/conformance";
import { beforeEach, describe, expect, test } from "vitest";
import { ControlledStore } from "../testing/controlled-store.ts";
import { CachedStore, type CachedStoreOptions, cachedStore } from "./cached-store.ts";
import { MemoryStore } from "./memory-store.ts";

const TTL_MS = 60_000;
const STALE_MS = 2_000;

let clock: FakeClock;
let store: ControlledStore;
let cached: CachedStore;

function cache(options: CachedStoreOptions = {}): CachedStore {
  return new CachedStore(store, { clock, monotonicMs: () => clock.now(), ...options });
}

beforeEach(async () => {
  clock = new FakeClock();
  store = new ControlledStore();
  await store.others.createSession({ id: "s", metadata: { n: 0 }, ttlMs: TTL_MS }, clock.now(), 10);
  await othersWrite("x", "0");
  cached = cache();
});

/** Another host writes to a variable. */
async function othersWrite(name: string, value: string, scope = "s"): Promise<void> {
  const write: EntryWrite = { name, value: Buffer.from(value), attributes: "{}", expects: "anything" };
  const batch = { scope, kind: "variable", writes: [write], author: "other", atomic: false, maxEntries: 100 } as const;
  await store.others.writeEntries(batch, clock.now());
}

/** Another host changes the metadata of the session. */
async function othersChange(n: number): Promise<void> {
  const version = (await store.others.readSession("s"))?.version ?? 0;
  await store.others.writeSession("s", { version, metadata: { n }, ttlMs: TTL_MS }, clock.now());
}

async function write(name: string, value: string, from: CachedStore = cached): Promise<unknown> {
  const write: EntryWrite = { name, value: Buffer.from(value), attributes: "{}", expects: "anything" };
  const batch = {
    scope: "s",
    kind: "variable",
    writes: [write],
    author: "host",
    atomic: false,
    maxEntries: 100,
  } as const;
  return await from.writeEntries(batch, clock.now());
}

/** Resolves with the values that the cached store reads, by name. */
async function read(...names: readonly string[]): Promise<Record<string, string> | undefined> {
  const entries = await cached.readEntries("s", "variable", names, clock.now());
  return entries && Object.fromEntries(entries.map(({ name, value }) => [name, Buffer.from(value).toString()]));
}

async function metadata(): Promise<unknown> {
  return (await cached.readSession("s"))?.metadata;
}

/** Resolves with the calls of the store during an action. */
async function callsOf(act: () => Promise<unknown>): Promise<readonly string[]> {
  store.calls.length = 0;
  await act();
  return [...store.calls];
}

describe("a cached store", () => {
  test.each(stateStoreConformance)("conforms: $title", async ({ run }) => {
    const shared = new ControlledStore();
    const clock = new FakeClock();
    const options = { clock, monotonicMs: () => clock.now() };
    await run({ clock, open: async () => new CachedStore(shared, options) });
    await shared.close();
  });

  test("wraps only a shared store", () => {
    const memory = new MemoryStore();
    expect(cachedStore(memory)).toBe(memory);
    expect(cachedStore(store)).toBeInstanceOf(CachedStore);
    expect(cached).toMatchObject({ kind: "controlled", shared: true });
  });

  test("reads a session and its entries once", async () => {
    expect(await callsOf(metadata)).toEqual(["readSession"]);
    expect(await callsOf(() => read("x"))).toEqual(["readEntries"]);
    expect(await callsOf(metadata)).toEqual([]);
    expect(await callsOf(() => read("x"))).toEqual([]);
    expect(await read("x")).toEqual({ x: "0" });
  });

  test("returns cached entries if all of them are cached, also in the global scope", async () => {
    await othersWrite("y", "1");
    await othersWrite("g", "1", "");
    await read("x");
    expect(await callsOf(() => read("y", "x"))).toEqual(["readEntries"]);
    expect(await callsOf(() => read("y", "x", "y"))).toEqual([]);
    const readGlobal = () => cached.readEntries("", "variable", ["g"], clock.now());
    expect(await callsOf(readGlobal)).toEqual(["readEntries"]);
    expect(await callsOf(readGlobal)).toEqual([]);
  });

  test("reads missing items each time", async () => {
    await read("missing");
    expect(await callsOf(() => read("missing"))).toEqual(["readEntries"]);
    await cached.readSession("missing");
    expect(await callsOf(() => cached.readSession("missing"))).toEqual(["readSession"]);
  });

  test("never answers a write, a list, a count or a sweep from the cache", async () => {
    await metadata();
    await read("x");
    const now = clock.now();
    const asked: readonly [string, () => Promise<unknown>][] = [
      ["createSession", () => cached.createSession({ id: "s", metadata: {}, ttlMs: 1 }, now, 10)],
      ["listSessions", () => cached.listSessions({ limit: 10 }, now)],
      ["countSessions", () => cached.countSessions(now)],
      ["listEntries", () => cached.listEntries("s", "variable", "*", { limit: 10 }, now)],
      ["writeSession", () => cached.writeSession("s", { version: 7, metadata: {}, ttlMs: 1 }, now)],
      ["writeEntries", () => write("x", "1")],
      ["deleteEntries", () => cached.deleteEntries("s", "variable", ["x"], now)],
      ["sweepSessions", () => cached.sweepSessions(now, 10)],
      ["deleteSession", () => cached.deleteSession("s", now)],
    ];
    for (const [method, act] of asked) expect(await callsOf(act)).toEqual([method]);
  });
});

describe("a change by another host", () => {
  test("is visible at once when it is reported", async () => {
    await othersWrite("y", "0");
    expect([await metadata(), await read("x", "y")]).toEqual([{ n: 0 }, { x: "0", y: "0" }]);
    await othersWrite("x", "1");
    expect(await callsOf(() => read("y"))).toEqual([]);
    expect(await read("x", "y")).toEqual({ x: "1", y: "0" });
    await othersChange(1);
    expect(await metadata()).toEqual({ n: 1 });
    await store.others.deleteEntries("s", "variable", ["x"], clock.now());
    expect(await read("x")).toEqual({});
    await store.others.deleteSession("s", clock.now());
    expect([await metadata(), await read("y")]).toEqual([undefined, undefined]);
  });

  test("is visible at once when everything may have changed", async () => {
    await metadata();
    await read("x");
    store.isMuted = true;
    await othersChange(1);
    await othersWrite("x", "1");
    store.report({ is: "everything" });
    expect([await metadata(), await read("x")]).toEqual([{ n: 1 }, { x: "1" }]);
  });

  test("is visible after the maximum staleness if it is not reported", async () => {
    await metadata();
    await read("x");
    store.isMuted = true;
    await othersChange(1);
    await othersWrite("x", "1");
    clock.advance(STALE_MS - 1);
    expect([await metadata(), await read("x")]).toEqual([{ n: 0 }, { x: "0" }]);
    clock.advance(1);
    expect([await metadata(), await read("x")]).toEqual([{ n: 1 }, { x: "1" }]);
  });

  test("is stale from the start of the read, not from its answer", async () => {
    store.isMuted = true;
    store.hold();
    const reads = Promise.all([metadata(), read("x")]);
    await othersChange(1);
    await othersWrite("x", "1");
    clock.advance(STALE_MS - 1);
    store.release();
    expect(await reads).toEqual([{ n: 0 }, { x: "0" }]);
    expect([await metadata(), await read("x")]).toEqual([{ n: 0 }, { x: "0" }]);
    clock.advance(1);
    expect([await metadata(), await read("x")]).toEqual([{ n: 1 }, { x: "1" }]);
  });

  test.each<{ readonly what: string; readonly change: () => Promise<void> | void }>([
    { what: "the entry", change: () => othersWrite("x", "1") },
    { what: "the session", change: () => othersChange(1) },
    { what: "everything", change: () => store.report({ is: "everything" }) },
  ])("during a read prevents its result from being cached: $what", async ({ change }) => {
    await metadata();
    store.hold();
    const late = read("x");
    await change();
    store.release();
    expect(await late).toEqual({ x: "0" });
    expect(await callsOf(() => read("x"))).toContain("readEntries");
  });

  test("that a later read has returned is not replaced by the answer of an earlier read", async () => {
    await metadata();
    store.hold();
    const early = read("x");
    store.isMuted = true;
    await othersWrite("x", "1");
    store.isMuted = false;
    const late = read("x");
    store.releaseNewest();
    expect(await late).toEqual({ x: "1" });
    store.release();
    expect(await early).toEqual({ x: "0" });
    expect(await read("x")).toEqual({ x: "1" });
  });

  test("is visible to its listeners", async () => {
    await read("x");
    const seen = Promise.withResolvers<unknown>();
    const unwatch = cached.onChange((change) => {
      if (change.is === "entries") seen.resolve(read("x"));
    });
    await othersWrite("x", "1");
    expect(await seen.promise).toEqual({ x: "1" });
    unwatch();
  });

  test("is always visible if no staleness is allowed, because nothing is cached", async () => {
    cached = cache({ maxStaleMs: 0 });
    await read("x");
    expect(await callsOf(() => read("x"))).toEqual(["readEntries", "readSession"]);
  });
});

describe("a write by this host", () => {
  test("is visible afterwards even if the store does not report it", async () => {
    store.isMuted = true;
    await metadata();
    await read("x");
    await write("x", "1");
    expect(await read("x")).toEqual({ x: "1" });
    await cached.writeSession("s", { version: 1, metadata: { n: 1 }, ttlMs: TTL_MS }, clock.now());
    expect(await metadata()).toEqual({ n: 1 });
    await read("x");
    await cached.deleteEntries("s", "variable", ["x"], clock.now());
    expect(await read("x")).toEqual({});
    await cached.deleteSession("s", clock.now());
    expect([await metadata(), await read("x")]).toEqual([undefined, undefined]);
    await cached.createSession({ id: "s", metadata: { n: 2 }, ttlMs: TTL_MS }, clock.now(), 10);
    expect([await metadata(), await read("x")]).toEqual([{ n: 2 }, {}]);
  });

  test("is visible afterwards even if an earlier read ends later", async () => {
    store.isMuted = true;
    await metadata();
    store.hold();
    const late = read("x");
    await write("x", "1");
    store.release();
    expect(await late).toEqual({ x: "0" });
    expect(await read("x")).toEqual({ x: "1" });
  });

  test("is read from the store if its answer was lost, because it may have succeeded", async () => {
    store.isMuted = true;
    await metadata();
    await read("x");
    store.losesAnswers = true;
    await expect(write("x", "1")).rejects.toThrow("the connection broke");
    expect(await read("x")).toEqual({ x: "1" });
    const change = { version: 1, metadata: { n: 1 }, ttlMs: TTL_MS };
    await expect(cached.writeSession("s", change, clock.now())).rejects.toThrow("the connection broke");
    expect(await metadata()).toEqual({ n: 1 });
  });

  test.each<{ readonly what: string; readonly act: () => Promise<unknown> }>([
    { what: "a write", act: () => write("x", "1") },
    { what: "a deletion", act: () => cached.deleteEntries("s", "variable", ["x"], clock.now()) },
    { what: "a read", act: () => read("missing") },
  ])("shows that another host has ended the session: $what", async ({ act }) => {
    await othersWrite("y", "0");
    await read("x", "y");
    store.isMuted = true;
    await store.others.deleteSession("s", clock.now());
    expect(await read("y")).toEqual({ y: "0" });
    await act();
    expect([await metadata(), await read("y")]).toEqual([undefined, undefined]);
  });
});

describe("the expiry of a cached session", () => {
  test("is extended when this host uses it, and cached items stay", async () => {
    await metadata();
    clock.advance(STALE_MS - 1);
    await cached.touchSessions([{ id: "s", usedAt: clock.now(), lastWorker: "worker-1" }]);
    const calls = await callsOf(async () => {
      const session = await cached.readSession("s");
      expect(session).toMatchObject({ usedAt: clock.now(), expiresAt: clock.now() + TTL_MS, lastWorker: "worker-1" });
    });
    expect(calls).toEqual([]);
  });

  test("is extended when this host finds it, and cached items stay", async () => {
    await read("x");
    clock.advance(STALE_MS - 1);
    await cached.createSession({ id: "s", metadata: {}, ttlMs: 1 }, clock.now(), 1);
    const calls = await callsOf(async () => {
      expect(await cached.readSession("s")).toMatchObject({ usedAt: clock.now(), metadata: { n: 0 } });
      await read("x");
    });
    expect(calls).toEqual([]);
  });

  test("is extended when this host uses it during a read", async () => {
    store.hold();
    const late = cached.readSession("s");
    clock.advance(1);
    await cached.touchSessions([{ id: "s", usedAt: clock.now() }]);
    store.release();
    await late;
    expect(await cached.readSession("s")).toMatchObject({ usedAt: clock.now() });
  });

  test("is read from the store when it seems to have expired, since another host may have used it", async () => {
    cached = cache({ maxStaleMs: 10 * TTL_MS });
    await metadata();
    await read("x");
    clock.advance(TTL_MS - 1);
    await store.others.touchSessions([{ id: "s", usedAt: clock.now() }]);
    expect(await callsOf(() => read("x"))).toEqual([]);
    clock.advance(1);
    expect(await cached.readSession("s")).toMatchObject({ expiresAt: clock.now() - 1 + TTL_MS });
    expect(await read("x")).toEqual({ x: "0" });
    expect(await callsOf(async () => [await metadata(), await read("x")])).toEqual([]);
    clock.advance(TTL_MS - 1);
    expect(await read("x")).toBeUndefined();
    expect(await cached.readSession("s")).toMatchObject({ expiresAt: clock.now() });
  });
});

describe("the size of the cache", () => {
  async function readAll(scopes: readonly string[]): Promise<void> {
    for (const scope of scopes) await cached.readEntries(scope, "variable", ["x"], clock.now());
  }

  test("is bounded: the least recently used scope is evicted", async () => {
    const scopes = ["a", "b", "c"];
    for (const id of scopes) {
      await store.others.createSession({ id, metadata: {}, ttlMs: TTL_MS }, clock.now(), 10);
      await othersWrite("x", "x".repeat(10_000), id);
    }
    cached = cache({ maxBytes: 25_000 });
    await readAll(["a", "b"]);
    expect(await callsOf(() => readAll(["a", "b", "a"]))).toEqual([]);
    await readAll(["c"]);
    expect(await callsOf(() => readAll(["a", "c"]))).toEqual([]);
    expect(await callsOf(() => readAll(["b"]))).toEqual(["readEntries", "readSession"]);
  });

  test("does not cache items that are too large", async () => {
    await othersWrite("x", "x".repeat(10_000));
    cached = cache({ maxBytes: 5_000 });
    expect(await read("x")).toEqual({ x: "x".repeat(10_000) });
    expect(await callsOf(() => read("x"))).toContain("readEntries");
  });
});

test("a cached store that cannot reach its store rejects, and reports no change once it is closed", async () => {
  const received: StateChange[] = [];
  cached.onChange((change) => received.push(change));
  await cached.close();
  store.report({ is: "everything" });
  expect(received).toEqual([]);
  await expect(metadata()).rejects.toBeInstanceOf(SnakepitError);
});
