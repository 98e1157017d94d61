import { SnakepitError, type StateChange, type Unsubscribe } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CachedStore } from "../../store/cached-store.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import { ControlledStore } from "../../testing/controlled-store.ts";
import { plainCodec } from "../../testing/memory-host.ts";
import { WriteTurns } from "../../updates/write-turns.ts";
import type { SessionVariables } from "../session-variables.ts";
import { Variables } from "../variables.ts";
import type { VariableChange, VariableWatch } from "./variable-watch.ts";

const SESSION = "chat-1";

/** A memory store that can be unreachable and counts its listeners. */
class FlakyStore extends MemoryStore {
  isAway = false;
  listeners = 0;

  override readSession(id: string) {
    return this.#unlessAway(() => super.readSession(id));
  }

  override readEntries(...args: Parameters<MemoryStore["readEntries"]>) {
    return this.#unlessAway(() => super.readEntries(...args));
  }

  override listEntries(...args: Parameters<MemoryStore["listEntries"]>) {
    return this.#unlessAway(() => super.listEntries(...args));
  }

  override onChange(listener: (change: StateChange) => void): Unsubscribe {
    this.listeners += 1;
    const unwatch = super.onChange(listener);
    return () => {
      this.listeners -= 1;
      unwatch();
    };
  }

  #unlessAway<Answer>(read: () => Promise<Answer>): Promise<Answer> {
    if (!this.isAway) return read();
    return Promise.reject(new SnakepitError("REGISTRY_UNAVAILABLE", "the store is unreachable"));
  }
}

let clock: FakeClock;
let store: FlakyStore;
let host: Variables;
let variables: SessionVariables;

beforeEach(async () => {
  clock = new FakeClock();
  store = new FlakyStore();
  host = new Variables({ store, codec: plainCodec, turns: new WriteTurns(), clock, maxVariablesPerSession: 1_000 });
  variables = host.of(SESSION);
  await newSession();
  await variables.register("b", { type: "integer", value: 1 });
  await variables.register("a", { type: "string", value: "one" });
});
afterEach(async () => {
  vi.useRealTimers();
  host.close();
  expect(store.listeners).toBe(0);
  await store.close();
});

function newSession() {
  return store.createSession({ id: SESSION, metadata: {}, ttlMs: 60_000 }, clock.now(), 10);
}

async function next(watch: VariableWatch): Promise<string> {
  const { done, value } = await watch.next();
  return done === true ? "done" : shown(value);
}

function shown(change: VariableChange): string {
  return `${change.name}@${change.version} ${change.deleted ? "deleted" : `= ${change.value}`}`;
}

async function take(watch: VariableWatch, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(await next(watch));
  return taken;
}

describe("a watch", () => {
  test("reports the existing variables first, then each change, registration and deletion", async () => {
    const watch = variables.watch();
    expect(await take(watch, 2)).toEqual(["a@2 = one", "b@1 = 1"]);
    const waiting = next(watch);
    await variables.set("b", 2);
    expect(await waiting).toBe("b@2 = 2");
    await variables.register("c", { type: "boolean", value: true });
    await variables.delete("a");
    expect(await take(watch, 2)).toEqual(["c@4 = true", "a@2 deleted"]);
    await variables.register("a", { type: "integer", value: 7 });
    expect(await next(watch)).toBe("a@5 = 7");
    await watch.return();
  });

  test("reports the writer and the time", async () => {
    await host.of(SESSION, "worker-3").set("b", 2);
    for await (const change of variables.watch(["b"])) {
      expect(change).toEqual({
        name: "b",
        deleted: false,
        type: "integer",
        value: 2,
        version: 2,
        updatedAt: clock.now(),
        updatedBy: "worker-3",
      });
      break;
    }
  });

  test("of names reports only those, even if they are registered later", async () => {
    const watch = variables.watch(["later", "b"]);
    expect(await next(watch)).toBe("b@1 = 1");
    await variables.set("a", "two");
    await variables.register("later", { type: "integer", value: 1 });
    expect(await next(watch)).toBe("later@4 = 1");
    await watch.return();
  });

  test("of a pattern reports matching variables", async () => {
    await variables.register("model.size", { type: "integer", value: 1 });
    const watch = variables.watch("model.*");
    expect(await next(watch)).toBe("model.size@3 = 1");
    await variables.set("a", "two");
    await variables.register("model.kind", { type: "integer", value: 1 });
    expect(await next(watch)).toBe("model.kind@5 = 1");
    await watch.return();
  });

  test("coalesces changes for a slow consumer, and always reports the last one", async () => {
    const watch = variables.watch("b");
    expect(await next(watch)).toBe("b@1 = 1");
    for (let n = 2; n <= 100; n++) await variables.set("b", n);
    expect(await next(watch)).toBe("b@100 = 100");
    await variables.delete("b");
    await variables.register("b", { type: "integer", value: 5 });
    expect(await next(watch)).toBe("b@102 = 5");
    await variables.register("d", { type: "integer", value: 5 });
    await variables.set("b", 6);
    await variables.delete("b");
    expect(await next(watch)).toBe("b@102 deleted");
    await watch.return();
  });

  test("reports variables in turn, even if one of them changes often", async () => {
    const watch = variables.watch();
    const reported: string[] = [];
    for (let n = 2; n <= 5; n++) {
      await variables.setMany({ a: `v${n}`, b: n });
      reported.push(await next(watch));
    }
    expect(reported).toEqual(["a@3 = v2", "b@3 = 3", "a@5 = v4", "b@5 = 5"]);
    await watch.return();
  });

  test("does not report a variable that was created and deleted between two reports", async () => {
    const watch = variables.watch();
    await take(watch, 2);
    await variables.register("short", { type: "integer", value: 1 });
    await variables.delete("short");
    await variables.set("b", 2);
    expect(await next(watch)).toBe("b@2 = 2");
    await watch.return();
  });

  test("finally reports the current state, under any changes and any speed of the consumer", async () => {
    const names = ["a", "b", "c", "d"];
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant("set" as const), name: fc.constantFrom(...names) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), name: fc.constantFrom(...names) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("read" as const), name: fc.constant("") }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        await store.deleteSession(SESSION, clock.now());
        await newSession();
        const watch = variables.watch();
        const seen = new Map<string, unknown>();
        const reads: Promise<void>[] = [];
        const { promise: lastWasRead, resolve: readLast } = Promise.withResolvers<void>();
        const read = async () => {
          const { done, value } = await watch.next();
          if (done === true) return;
          if (value.deleted) expect(seen.delete(value.name)).toBe(true);
          else seen.set(value.name, value.value);
          if (value.name === "z") readLast();
        };
        const writes: Promise<unknown>[] = [];
        for (const [index, each] of steps.entries()) {
          if (each.do === "read") reads.push(read());
          else if (each.do === "delete") writes.push(variables.delete(each.name));
          else {
            writes.push(
              variables
                .register(each.name, { type: "integer", value: index })
                .catch(() => variables.set(each.name, index))
                .catch(() => {}),
            );
          }
          if (index % 3 === 0) await Promise.resolve();
        }
        await Promise.all(writes);
        // The last variable marks the end of the reports.
        await variables.register("z", { type: "integer", value: 0 });
        while (!seen.has("z")) {
          reads.push(read());
          await Promise.race([lastWasRead, reads.at(-1)]);
        }
        const last = Object.fromEntries((await variables.list()).map(({ name, value }) => [name, value]));
        expect(Object.fromEntries(seen)).toEqual(last);
        await watch.return();
        await Promise.all(reads);
      }),
      { numRuns: 200 },
    );
  });

  test("reports the writes of another host", async () => {
    const shared = new ControlledStore();
    const cached = new CachedStore(shared, { clock, monotonicMs: () => clock.now() });
    const mine = new Variables({
      store: cached,
      codec: plainCodec,
      turns: new WriteTurns(),
      clock,
      maxVariablesPerSession: 10,
    });
    const theirs = new Variables({
      store: shared.others,
      codec: plainCodec,
      turns: new WriteTurns(),
      clock,
      maxVariablesPerSession: 10,
    });
    await cached.createSession({ id: SESSION, metadata: {}, ttlMs: 60_000 }, clock.now(), 10);
    await mine.of(SESSION).register("x", { type: "integer", value: 1 });
    const watch = mine.of(SESSION).watch();
    expect(await next(watch)).toBe("x@1 = 1");
    const waiting = next(watch);
    await theirs.of(SESSION).set("x", 2);
    expect(await waiting).toBe("x@2 = 2");
    // Missed changes are reported after the store reports that notifications were lost.
    shared.isMuted = true;
    await theirs.of(SESSION).register("y", { type: "integer", value: 1 });
    await theirs.of(SESSION).delete("x");
    shared.isMuted = false;
    const missed = take(watch, 2);
    shared.report({ is: "everything" });
    expect(await missed).toEqual(["y@3 = 1", "x@2 deleted"]);
    mine.close();
    theirs.close();
    expect(await next(watch)).toBe("done");
    await cached.close();
  });
});

describe("a watch ends", () => {
  test("when its consumer leaves, and unsubscribes", async () => {
    expect(store.listeners).toBe(0);
    const watch = variables.watch();
    expect(store.listeners).toBe(0);
    for await (const change of watch) {
      expect(change.name).toBe("a");
      expect([host.watches, store.listeners]).toEqual([1, 1]);
      break;
    }
    expect([host.watches, store.listeners]).toEqual([0, 0]);
    expect(await next(watch)).toBe("done");
  });

  test("when another caller than the waiting one leaves", async () => {
    const watch = variables.watch("none");
    const waiting = [next(watch), next(watch)];
    await vi.waitUntil(() => host.watches === 1, 120_000);
    await watch.return();
    expect(await Promise.all(waiting)).toEqual(["done", "done"]);
    expect(store.listeners).toBe(0);
  });

  test("when it is disposed of", async () => {
    {
      await using watch = variables.watch();
      await next(watch);
    }
    expect(store.listeners).toBe(0);
  });

  test("without ending another watch", async () => {
    const [first, second] = [variables.watch("a"), variables.watch("a")];
    await Promise.all([next(first), next(second)]);
    expect([host.watches, store.listeners]).toEqual([2, 1]);
    await first.return();
    await variables.set("a", "two");
    expect(await next(second)).toBe("a@3 = two");
    await second.return();
  });

  test.each([
    ["is closed", () => store.deleteSession(SESSION, clock.now())],
    [
      "has not been used for too long",
      async () => {
        clock.advance(60_000);
        await store.sweepSessions(clock.now(), 10);
      },
    ],
    [
      "is closed, and another one has its ID",
      async () => {
        clock.advance(1);
        await store.deleteSession(SESSION, clock.now());
        await newSession();
        await variables.register("a", { type: "integer", value: 3 });
      },
    ],
  ])("when the session %s", async (_, endSession) => {
    const watch = variables.watch();
    await take(watch, 2);
    const waiting = next(watch);
    await endSession();
    expect(await waiting).toBe("done");
    expect(await next(watch)).toBe("done");
    expect(store.listeners).toBe(0);
  });

  test("not when the session is only changed", async () => {
    const watch = variables.watch();
    await take(watch, 2);
    const waiting = next(watch);
    await store.writeSession(SESSION, { version: 1, metadata: { topic: "x" }, ttlMs: 60_000 }, clock.now());
    await variables.set("b", 2);
    expect(await waiting).toBe("b@2 = 2");
    await watch.return();
  });

  test("when its signal aborts: before, and while it waits", async () => {
    const before = variables.watch("*", { signal: AbortSignal.abort() });
    await expect(before.next()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await next(before)).toBe("done");
    const controller = new AbortController();
    const watch = variables.watch("*", { signal: controller.signal });
    await take(watch, 2);
    const waiting = watch.next();
    controller.abort(new Error("enough"));
    expect(store.listeners).toBe(0);
    await expect(waiting).rejects.toMatchObject({
      code: "CANCELLED",
      message: 'the watch of variables of session "chat-1" was cancelled',
      cause: new Error("enough"),
    });
    expect(await next(watch)).toBe("done");
  });

  test("when its signal aborts while no one waits, and the next reader receives the error", async () => {
    const controller = new AbortController();
    const watch = variables.watch("*", { signal: controller.signal });
    await next(watch);
    controller.abort();
    expect(store.listeners).toBe(0);
    await expect(watch.next()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await next(watch)).toBe("done");
  });

  test("when the host closes, and does not start afterwards", async () => {
    const watch = variables.watch();
    await take(watch, 2);
    const waiting = next(watch);
    host.close();
    expect(await waiting).toBe("done");
    expect(await next(variables.watch())).toBe("done");
  });
});

describe("while the store is unreachable", () => {
  test("a watch does not start", async () => {
    store.isAway = true;
    await expect(variables.watch().next()).rejects.toMatchObject({ code: "REGISTRY_UNAVAILABLE" });
    expect(store.listeners).toBe(0);
  });

  test("a started watch waits, and loses nothing", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const watch = variables.watch();
    await take(watch, 2);
    const waiting = next(watch);
    store.isAway = true;
    await host.of(SESSION).register("c", { type: "integer", value: 1 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(host.watches).toBe(1);
    store.isAway = false;
    await vi.advanceTimersByTimeAsync(500);
    expect(await waiting).toBe("c@3 = 1");
    await watch.return();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a watch whose consumer leaves stops its timer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const watch = variables.watch();
    await take(watch, 2);
    const waiting = next(watch);
    store.isAway = true;
    await host.of(SESSION).register("c", { type: "integer", value: 1 });
    await vi.advanceTimersByTimeAsync(100);
    expect(vi.getTimerCount()).toBe(2);
    await watch.return();
    expect(await waiting).toBe("done");
    expect(vi.getTimerCount()).toBe(0);
  });
});
