import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MemoryStore } from "../../store/memory-store.ts";
import { plainCodec } from "../../testing/memory-host.ts";
import { WriteTurns } from "../../updates/write-turns.ts";
import type { SessionVariables } from "../session-variables.ts";
import { Variables } from "../variables.ts";
import type { VariableWatch } from "./variable-watch.ts";

const SESSION = "chat-1";

let clock: FakeClock;
let store: MemoryStore;
let host: Variables;
let variables: SessionVariables;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  clock = new FakeClock();
  store = new MemoryStore();
  host = new Variables({ store, codec: plainCodec, turns: new WriteTurns(), clock, maxVariablesPerSession: 10 });
  variables = host.of(SESSION);
  await store.createSession({ id: SESSION, metadata: {}, ttlMs: 60_000 }, clock.now(), 10);
  await variables.register("a", { type: "integer", value: 1 });
});
afterEach(async () => {
  host.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  await store.close();
});

async function next(watch: VariableWatch): Promise<string> {
  const { done, value } = await watch.next();
  return done === true ? "done" : value.name;
}

/** Advances the clock. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await vi.advanceTimersByTimeAsync(ms);
}

describe("a watch ends when its session expires, before any sweep:", () => {
  test("while it waits", async () => {
    const watch = variables.watch();
    expect(await next(watch)).toBe("a");
    const waiting = next(watch);
    await pass(59_999);
    expect(host.watches).toBe(1);
    await pass(1);
    expect(await waiting).toBe("done");
    expect(host.watches).toBe(0);
  });

  test("while no one waits, and reports nothing more", async () => {
    const watch = variables.watch();
    await variables.register("b", { type: "integer", value: 2 });
    expect(await next(watch)).toBe("a");
    await pass(60_000);
    expect(await next(watch)).toBe("done");
  });

  test("later, if any host has used it", async () => {
    const watch = variables.watch("none");
    const waiting = next(watch);
    await vi.waitUntil(() => vi.getTimerCount() === 1, 120_000);
    await pass(40_000);
    await store.touchSessions([{ id: SESSION, usedAt: clock.now() }]);
    await pass(59_999);
    expect(host.watches).toBe(1);
    await pass(1);
    expect(await waiting).toBe("done");
  });

  test("without reading the store while this host knows that it is used", async () => {
    let expiresAt = clock.now() + 60_000;
    const used = new Variables({
      store,
      codec: plainCodec,
      turns: new WriteTurns(),
      clock,
      maxVariablesPerSession: 10,
      expiryOf: () => expiresAt,
    });
    const reads = vi.spyOn(store, "readSession");
    const watch = used.of(SESSION).watch("none");
    const waiting = next(watch);
    await vi.waitUntil(() => vi.getTimerCount() === 1, 120_000);
    for (let i = 0; i < 10; i++) {
      await pass(30_000);
      expiresAt = clock.now() + 60_000;
    }
    expect([used.watches, reads.mock.calls.length]).toEqual([1, 1]);
    await pass(60_000);
    expect(await waiting).toBe("done");
  });

  test("never, when it never expires", async () => {
    await store.writeSession(SESSION, { version: 1, metadata: {}, ttlMs: Number.POSITIVE_INFINITY }, clock.now());
    const watch = variables.watch("none");
    const waiting = next(watch);
    await vi.waitUntil(() => host.watches === 1, 120_000);
    await pass(2 ** 31);
    expect([host.watches, vi.getTimerCount()]).toEqual([1, 0]);
    await watch.return();
    expect(await waiting).toBe("done");
  });

  test("when its time to live was made shorter", async () => {
    const watch = variables.watch("none");
    const waiting = next(watch);
    await vi.waitUntil(() => vi.getTimerCount() === 1, 120_000);
    await store.writeSession(SESSION, { version: 1, metadata: {}, ttlMs: 1_000 }, clock.now());
    await pass(999);
    expect(host.watches).toBe(1);
    await pass(1);
    expect(await waiting).toBe("done");
  });
});
