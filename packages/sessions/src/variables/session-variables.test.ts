import { SnakepitError, type StateStore } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CachedStore } from "../store/cached-store.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { ControlledStore } from "../testing/controlled-store.ts";
import { plainCodec } from "../testing/plain-codec.ts";
import type { SessionVariables } from "./session-variables.ts";
import type { Variable, VariableDraft } from "./variable.ts";
import { Variables } from "./variables.ts";

const SESSION = "chat-1";

let clock: FakeClock;
let store: StateStore;
let host: Variables;
let variables: SessionVariables;

beforeEach(async () => {
  clock = new FakeClock();
  store = new MemoryStore();
  host = variablesOn(store);
  variables = host.of(SESSION);
  await store.createSession({ id: SESSION, metadata: {}, ttlMs: 60_000 }, clock.now(), 10);
});
afterEach(async () => {
  host.close();
  await store.close();
});

function variablesOn(target: StateStore, maxVariablesPerSession = 1_000): Variables {
  return new Variables({ store: target, codec: plainCodec, clock, maxVariablesPerSession });
}

async function refusal(promise: Promise<unknown>): Promise<SnakepitError> {
  const thrown = await promise.then(
    (value) => expect.fail(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(SnakepitError);
  return thrown as SnakepitError;
}

describe("a variable", () => {
  test("is registered, read, set and deleted", async () => {
    await variables.register("temperature", { type: "float", value: 0.7, constraints: { min: 0, max: 2 } });
    expect(await variables.get("temperature")).toBe(0.7);
    expect(await variables.set("temperature", 1)).toBe(2);
    expect(await variables.get("temperature")).toBe(1);
    expect(await variables.delete("temperature")).toBe(true);
    expect(await variables.delete("temperature")).toBe(false);
    expect((await refusal(variables.get("temperature"))).code).toBe("INVALID_ARGUMENT");
  });

  test("tells all that is known of it, and its last change", async () => {
    const draft = {
      type: "integer",
      value: 1n,
      constraints: { min: 0, max: 2n ** 70n },
      metadata: { unit: "s" },
    } as const;
    const registered = await variables.register("delay", draft);
    clock.advance(5);
    await host.of(SESSION, "worker-7").set("delay", 2n ** 65n);
    const described = await variables.describe("delay");
    expect(described).toEqual({
      name: "delay",
      type: "integer",
      constraints: { min: 0, max: 2n ** 70n },
      metadata: { unit: "s" },
      value: 2n ** 65n,
      version: 2,
      createdAt: registered.createdAt,
      updatedAt: registered.createdAt + 5,
      updatedBy: "worker-7",
      previous: { value: 1, version: 1, updatedAt: registered.createdAt, updatedBy: "host" },
    });
    expect(registered.previous).toBeUndefined();
  });

  const drafts: readonly (readonly [VariableDraft, unknown])[] = [
    [{ type: "string", value: "a", constraints: { minLength: 1, maxLength: 5, pattern: "^[a-c]+$" } }, "abc"],
    [{ type: "integer", value: 3, constraints: { min: -(10n ** 30n) } }, -(10n ** 20n)],
    [{ type: "float", value: 1n }, Number.NaN],
    [{ type: "boolean", value: true }, false],
    [{ type: "choice", value: "fast", constraints: { choices: ["fast", "exact"] } }, "exact"],
    [{ type: "module", value: "dspy.Predict" }, "dspy.predict:Predict"],
    [{ type: "embedding", value: [1, 2], constraints: { dimensions: 2 } }, Float32Array.of(0.5, 1.5)],
    [{ type: "tensor", value: new Int16Array(6), constraints: { shape: [null], dtype: "int16" } }, Int16Array.of(1)],
  ];
  test.each(drafts.map(([draft, next]) => [draft.type, draft, next] as const))(
    "of the type %s is kept with its constraints",
    async (_, draft, next) => {
      await variables.register("x", draft);
      await variables.set("x", next);
      expect(await variables.get("x")).toEqual(next);
      const { type, constraints } = await variables.describe("x");
      expect({ type, constraints }).toEqual({ type: draft.type, constraints: draft.constraints ?? {} });
      const error = await refusal(variables.set("x", { no: "such value" }));
      expect(error.details).toMatchObject({ variable: "x", reason: "type" });
      expect(await variables.get("x")).toEqual(next);
    },
  );

  test("is a copy, which can be changed without changing it", async () => {
    await variables.register("e", { type: "embedding", value: [1, 2] });
    const mine = await variables.get<Float64Array>("e");
    mine[0] = 9;
    expect(await variables.get("e")).toEqual(Float64Array.of(1, 2));
  });

  test("may have the name of something that every object has", async () => {
    for (const name of ["constructor", "toString", "hasOwnProperty"]) {
      await variables.register(name, { type: "string", value: name });
    }
    expect(await variables.getMany(["toString", "constructor", "valueOf"])).toEqual({
      constructor: "constructor",
      toString: "toString",
    });
  });

  test("belongs to its session", async () => {
    await store.createSession({ id: "chat-2", metadata: {}, ttlMs: 1_000 }, clock.now(), 10);
    await variables.register("x", { type: "integer", value: 1 });
    await host.of("chat-2").register("x", { type: "string", value: "other" });
    expect(await variables.get("x")).toBe(1);
  });
});

describe("a mistake", () => {
  beforeEach(async () => {
    await variables.register("temperature", { type: "float", value: 0.7, constraints: { min: 0, max: 2 } });
  });

  test.each([
    [
      "a value out of range",
      () => variables.set("temperature", 3),
      'variable "temperature" must be from 0 to 2, not 3',
      "range",
    ],
    [
      "an unknown variable",
      () => variables.set("temprature", 1),
      'there is no variable "temprature" in session "chat-1"; did you mean "temperature"?',
      "unknown",
    ],
    [
      "an unknown variable like no other",
      () => variables.get("zzz"),
      'there is no variable "zzz" in session "chat-1"; register it first (variables.register)',
      "unknown",
    ],
    [
      "another version",
      () => variables.set("temperature", 1, { version: 7 }),
      'variable "temperature" has version 1 and not 7: somebody has changed it; read it again, or use update()',
      "version",
    ],
    [
      "a version that is none",
      () => variables.set("temperature", 1, { version: "anything" as unknown as number }),
      'variable "temperature": a version is a whole number, as describe() tells it, not "anything"',
      "version",
    ],
    [
      "a name that is taken",
      () => variables.register("temperature", { type: "string", value: "" }),
      'there is a variable "temperature" in session "chat-1" already; set() it, or delete() it before it is registered anew',
      "exists",
    ],
    [
      "a definition that is wrong",
      () => variables.register("x", { type: "integer", value: 1, constraints: { min: 2, max: 1 } }),
      'variable "x": min is 2 and more than max, which is 1; exchange them',
      "definition",
    ],
    [
      "a first value that breaks the constraints",
      () => variables.register("x", { type: "integer", value: 1, constraints: { min: 2 } }),
      'variable "x" must be at least 2, not 1',
      "range",
    ],
    [
      "no definition at all",
      () => variables.register("x", undefined as unknown as VariableDraft),
      'variable "x": what it is to be is an object with type, value, constraints, metadata, not undefined',
      "definition",
    ],
    [
      "a definition with something misspelt",
      () => variables.register("x", { type: "integer", value: 1, constraint: { min: 0 } } as unknown as VariableDraft),
      'variable "x": constraint is not a property of a variable; did you mean constraints?',
      "definition",
    ],
    [
      "a comparison with no version",
      () => variables.compareAndSet("temperature", 1, undefined as unknown as number),
      'variable "temperature": a version is a whole number, as describe() tells it, not undefined',
      "version",
    ],
    [
      "metadata with too many entries",
      () => variables.register("x", { type: "boolean", value: true, metadata: numbered(33) }),
      'variable "x": metadata has 33 entries and may have 32',
      "metadata",
    ],
    [
      "metadata that is too long",
      () => variables.register("x", { type: "boolean", value: true, metadata: { note: "é".repeat(2_043) } }),
      'variable "x": metadata has 4097 bytes as JSON and may have 4096',
      "metadata",
    ],
    [
      "metadata that JSON cannot hold",
      () => variables.register("x", { type: "boolean", value: true, metadata: { since: new Date(0) } }),
      'variable "x": metadata.since is a date, which JSON cannot hold',
      "metadata",
    ],
  ])("says what, where and what to do: %s", async (_, act, message, reason) => {
    const error = await refusal(act());
    expect([error.code, error.message, error.details["reason"]]).toEqual(["INVALID_ARGUMENT", message, reason]);
    expect(await variables.list()).toHaveLength(1);
    expect(await variables.get("temperature")).toBe(0.7);
  });

  test.each(["", "_x", "-x", ".x", "a b", "é", "a/b", "__proto__", "x".repeat(65)])("%j is no name", async (name) => {
    for (const act of [
      () => variables.register(name, { type: "boolean", value: true }),
      () => variables.get(name),
      () => variables.set(name, true),
      () => variables.update(name, () => true),
      () => variables.delete(name),
      () => variables.getMany([name]),
      () => variables.setMany(JSON.parse(`{${JSON.stringify(String(name))}: 1}`)),
    ]) {
      const error = await refusal(act());
      expect(error.code).toBe("INVALID_ARGUMENT");
      expect(error.message).toContain("the name of a variable begins with a letter or a digit");
    }
    expect(() => variables.watch([name])).toThrow("the name of a variable");
  });

  test("a name is a text", async () => {
    expect((await refusal(variables.get(3 as unknown as string))).message).toContain("; 3 is none");
  });

  test.each(["x", "A", "0", "a.b-c_d", "x".repeat(64)])("%j is a name", async (name) => {
    await variables.register(name, { type: "boolean", value: true });
    expect(await variables.get(name)).toBe(true);
  });

  test("what JSON makes of metadata decides, and the metadata is not the caller's any more", async () => {
    const metadata = { tags: ["a"], unset: undefined };
    await variables.register("x", { type: "boolean", value: true, metadata });
    metadata.tags.push("b");
    expect((await variables.describe("x")).metadata).toEqual({ tags: ["a"] });
  });
});

describe("a session", () => {
  test("that is over, or was never there, is told apart", async () => {
    await variables.register("x", { type: "boolean", value: true });
    clock.advance(60_000);
    for (const [id, code] of [
      [SESSION, "SESSION_EXPIRED"],
      ["nobody", "UNKNOWN_SESSION"],
    ] as const) {
      const there = host.of(id);
      for (const act of [
        () => there.register("y", { type: "boolean", value: true }),
        () => there.get("x"),
        () => there.describe("x"),
        () => there.set("x", false),
        () => there.compareAndSet("x", false, 1),
        () => there.update("x", () => false),
        () => there.delete("x"),
        () => there.list(),
        () => there.getMany(["x"]),
        () => there.setMany({ x: false }),
        () => there.watch().next(),
      ]) {
        expect((await refusal(act())).code).toBe(code);
      }
    }
  });

  test("has no more variables than it may have", async () => {
    const few = variablesOn(store, 2).of(SESSION);
    await few.register("a", { type: "boolean", value: true });
    await few.register("b", { type: "boolean", value: true });
    const error = await refusal(few.register("c", { type: "boolean", value: true }));
    expect([error.code, error.message]).toEqual([
      "QUOTA_EXCEEDED",
      'variable "c" cannot be registered: session "chat-1" has 2 variables and may have 2 (sessions: { maxVariablesPerSession }); delete those that are no longer needed, or raise the limit',
    ]);
    await few.set("a", false);
    await few.delete("a");
    await few.register("c", { type: "boolean", value: true });
  });
});

describe("a change", () => {
  beforeEach(async () => {
    await variables.register("n", { type: "integer", value: 0, constraints: { max: 1_000 } });
  });

  test("is made at the version that was expected, or not at all", async () => {
    expect(await variables.compareAndSet("n", 5, 1)).toBe(2);
    expect(await variables.compareAndSet("n", 6, 1)).toBeUndefined();
    expect(await variables.get("n")).toBe(5);
    expect((await refusal(variables.compareAndSet("n", 1_001, 2))).details["reason"]).toBe("range");
    expect((await refusal(variables.compareAndSet("m", 1, 2))).details["reason"]).toBe("unknown");
  });

  test("by a function loses nothing when many are made at once, whoever makes them", async () => {
    const other = variablesOn(store);
    const both = [variables, other.of(SESSION)];
    const change = async (value: number) => {
      await Promise.resolve();
      return value + 1;
    };
    const updates = Array.from({ length: 400 }, (_, index) => {
      const target = both[index % 2]!;
      return index % 20 < 2 ? target.update("n", change) : target.update<number>("n", (value) => value + 1);
    });
    await Promise.all(updates);
    expect(await variables.get("n")).toBe(400);
    other.close();
  });

  test("by a function resolves with what is there now", async () => {
    expect(await variables.update<number>("n", (n) => n + 2)).toBe(2);
    expect(await variables.update<number>("n", async (n) => n + 2)).toBe(4);
  });

  test("by a function that throws, rejects or returns what does not suit is not made", async () => {
    const mistake = new Error("mine");
    await expect(
      variables.update("n", () => {
        throw mistake;
      }),
    ).rejects.toBe(mistake);
    await expect(variables.update("n", () => Promise.reject(mistake))).rejects.toBe(mistake);
    expect((await refusal(variables.update<unknown>("n", () => "text"))).details["reason"]).toBe("type");
    expect((await refusal(variables.update<unknown>("n", () => undefined))).details["reason"]).toBe("type");
    expect((await variables.describe("n")).version).toBe(1);
  });

  test("by a function that waits keeps nobody waiting, not even itself", async () => {
    const value = await variables.update<number>("n", async (n) => {
      if (n === 0) await variables.set("n", 10);
      return n + 1;
    });
    expect(value).toBe(11);
  });

  test("gives up when others are always faster", async () => {
    let calls = 0;
    const error = await refusal(
      variables.update<number>("n", async (n) => {
        calls += 1;
        await variables.set("n", n + 1);
        return 0;
      }),
    );
    expect([error.code, error.details, calls]).toEqual([
      "INVALID_ARGUMENT",
      { variable: "n", reason: "version", attempts: 100 },
      100,
    ]);
    expect(error.message).toBe(
      'variable "n" was changed by others each of the 100 times that this change was tried; try again later, change it less often, or in fewer places',
    );
  });

  test("at a version that was read before it was deleted and registered anew is not made", async () => {
    const { version } = await variables.describe("n");
    await variables.delete("n");
    await variables.register("n", { type: "integer", value: 8 });
    for (let n = 0; n < 3; n++) {
      expect(await variables.compareAndSet("n", -1, version)).toBeUndefined();
      await variables.update<number>("n", (value) => value + 1);
    }
    expect(await variables.get("n")).toBe(11);
  });

  test("of a variable that is deleted meanwhile says so", async () => {
    const update = variables.update<number>("n", async (n) => {
      await variables.delete("n");
      return n;
    });
    expect((await refusal(update)).details["reason"]).toBe("unknown");
  });

  test("of a variable that is registered anew meanwhile is checked against the new definition", async () => {
    let turns = 0;
    const update = variables.update<unknown>("n", async (n) => {
      turns += 1;
      if (turns === 1) {
        await variables.delete("n");
        await variables.register("n", { type: "string", value: "text" });
        await variables.set("n", "longer text");
      }
      return n;
    });
    expect(await update).toBe("longer text");
    expect(turns).toBe(2);
  });

  test("takes effect in the order in which it was asked for", async () => {
    const order = [
      variables.set("n", 1),
      variables.update<number>("n", (n) => n * 10),
      variables.setMany({ n: 7 }, { atomic: true }),
      variables.update<number>("n", (n) => n * 10),
      variables.delete("n"),
      variables.register("n", { type: "integer", value: 3 }),
      variables.update<number>("n", (n) => n + 1),
    ];
    const written = await Promise.all(order);
    expect(await variables.get("n")).toBe(4);
    const { version: registered } = written.at(-2) as Variable;
    expect((await variables.describe("n")).version).toBe(registered + 1);
  });
});

describe("many variables", () => {
  beforeEach(async () => {
    for (const name of ["model.size", "model.kind", "count"]) {
      await variables.register(name, { type: "integer", value: 1, constraints: { max: 10 } });
    }
  });

  test("are listed by a pattern, in the order of their names", async () => {
    const names = async (pattern?: string) => (await variables.list(pattern)).map(({ name }) => name);
    expect(await names()).toEqual(["count", "model.kind", "model.size"]);
    expect(await names("model.*")).toEqual(["model.kind", "model.size"]);
    expect(await names("model.?ize")).toEqual(["model.size"]);
    expect(await names("count")).toEqual(["count"]);
    expect(await names("none*")).toHaveLength(0);
    expect((await refusal(variables.list("*".repeat(257)))).details["reason"]).toBe("name");
  });

  test("are listed however many they are", async () => {
    await Promise.all(numberedNames(350).map((name) => variables.register(name, { type: "boolean", value: true })));
    const listed = (await variables.list("v*")).map(({ name }) => name);
    expect(listed).toEqual(numberedNames(350).sort());
  });

  test("are read at once; those that are not there are left out", async () => {
    expect(await variables.getMany(["count", "nothing", "model.kind"])).toEqual({ count: 1, "model.kind": 1 });
    const described = await variables.describeMany(["model.kind", "nothing", "count"]);
    expect(described.map(({ name, value }) => [name, value])).toEqual([
      ["count", 1],
      ["model.kind", 1],
    ]);
  });

  test("are set each by itself", async () => {
    const { version } = await variables.describe("count");
    const outcomes = await variables.setMany({ count: 5, "model.kind": 11, missing: 1 });
    expect(outcomes["count"]).toEqual({ is: "set", name: "count", version: version + 1 });
    expect(outcomes["model.kind"]).toMatchObject({ is: "failed", error: { details: { reason: "range" } } });
    expect(outcomes["missing"]).toMatchObject({ is: "failed", error: { details: { reason: "unknown" } } });
    expect(await variables.getMany(["count", "model.kind"])).toEqual({ count: 5, "model.kind": 1 });
  });

  test("are set all or none", async () => {
    await variables.setMany({ count: 2, "model.kind": 2 }, { atomic: true });
    expect((await refusal(variables.setMany({ count: 3, "model.kind": 11 }, { atomic: true }))).message).toBe(
      'variable "model.kind" must be at most 10, not 11',
    );
    expect((await refusal(variables.setMany({ count: 3, missing: 1 }, { atomic: true }))).details["reason"]).toBe(
      "unknown",
    );
    expect(await variables.getMany(["count", "model.kind"])).toEqual({ count: 2, "model.kind": 2 });
  });

  test("are set at the versions that were expected", async () => {
    const [count = 0, kind = 0, size = 0] = (await variables.list()).map(({ version }) => version);
    const writes = [
      { name: "count", value: 3, version: count },
      { name: "model.kind", value: 3, version: kind + 7 },
      { name: "model.size", value: 3 },
    ];
    const atomic = await variables.writeMany(writes, { atomic: true });
    expect(
      atomic.map((outcome) => (outcome.is === "failed" ? outcome.error.details["reason"] : outcome.version)),
    ).toEqual(["batch", "version", "batch"]);
    const each = await variables.writeMany(writes);
    expect(
      each.map((outcome) => (outcome.is === "failed" ? outcome.error.details["reason"] : outcome.version)),
    ).toEqual([count + 1, "version", size + 1]);
  });

  test("are set once each", async () => {
    const twice = [
      { name: "count", value: 2 },
      { name: "count", value: 3 },
    ];
    expect((await refusal(variables.writeMany(twice))).message).toBe(
      'variable "count" is in the batch twice; set it once',
    );
  });

  test("are none, too", async () => {
    expect(await variables.setMany({}, { atomic: true })).toEqual({});
    expect(await variables.getMany([])).toEqual({});
    expect(await variables.deleteMany([])).toEqual([]);
  });

  test("are deleted at once", async () => {
    expect([...(await variables.deleteMany(["count", "missing", "model.kind"]))].sort()).toEqual([
      "count",
      "model.kind",
    ]);
    expect(await variables.list()).toHaveLength(1);
  });
});

describe("on a store that others write to", () => {
  test("what a cache believes does not decide", async () => {
    const shared = new ControlledStore();
    const cached = new CachedStore(shared, { clock, monotonicMs: () => clock.now() });
    const [mine, theirs] = [variablesOn(cached), variablesOn(shared.others)];
    await cached.createSession({ id: SESSION, metadata: {}, ttlMs: 60_000 }, clock.now(), 10);
    await mine.of(SESSION).register("n", { type: "integer", value: 1 });
    expect(await mine.of(SESSION).get("n")).toBe(1);
    shared.isMuted = true;
    for (let n = 2; n <= 5; n++) await theirs.of(SESSION).set("n", n);
    // From the cache, which has not heard of it.
    expect(await mine.of(SESSION).get("n")).toBe(1);
    expect(await mine.of(SESSION).compareAndSet("n", 9, 5)).toBe(6);
    for (let n = 10; n < 12; n++) await theirs.of(SESSION).set("n", n);
    expect(await mine.of(SESSION).update<number>("n", (n) => n + 1)).toBe(12);
    await theirs.of(SESSION).set("n", 20);
    expect(await mine.of(SESSION).set("n", 13)).toBe(11);
    for (const each of [mine, theirs]) each.close();
    await cached.close();
  });
});

function numbered(count: number): Record<string, number> {
  return Object.fromEntries(numberedNames(count).map((name, index) => [name, index]));
}

function numberedNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `v${index}`);
}
