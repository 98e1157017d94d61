import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CachedStore } from "../store/cached-store.ts";
import { ControlledStore } from "../testing/controlled-store.ts";
import {
  type OpenVariables,
  openVariables,
  rejectionOf,
  SESSION,
  variablesOn,
} from "../testing/variables-of-session.ts";
import type { VariableDraft } from "./variable.ts";

let opened: OpenVariables;
let clock: OpenVariables["clock"];
let store: OpenVariables["store"];
let host: OpenVariables["host"];
let variables: OpenVariables["variables"];

beforeEach(async () => {
  opened = await openVariables();
  ({ clock, store, host, variables } = opened);
});
afterEach(() => opened[Symbol.asyncDispose]());

describe("a variable", () => {
  test("is registered, read, set and deleted", async () => {
    await variables.register("temperature", { type: "float", value: 0.7, constraints: { min: 0, max: 2 } });
    expect(await variables.get("temperature")).toBe(0.7);
    expect(await variables.set("temperature", 1)).toBe(2);
    expect(await variables.get("temperature")).toBe(1);
    expect(await variables.delete("temperature")).toBe(true);
    expect(await variables.delete("temperature")).toBe(false);
    expect((await rejectionOf(variables.get("temperature"))).code).toBe("INVALID_ARGUMENT");
  });

  test("is described with its definition and its last change", async () => {
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
    "of the type %s is stored with its constraints",
    async (_, draft, next) => {
      await variables.register("x", draft);
      await variables.set("x", next);
      expect(await variables.get("x")).toEqual(next);
      const { type, constraints } = await variables.describe("x");
      expect({ type, constraints }).toEqual({ type: draft.type, constraints: draft.constraints ?? {} });
      const error = await rejectionOf(variables.set("x", { no: "such value" }));
      expect(error.details).toMatchObject({ variable: "x", reason: "type" });
      expect(await variables.get("x")).toEqual(next);
    },
  );

  test("is returned as a copy that can be modified", async () => {
    await variables.register("e", { type: "embedding", value: [1, 2] });
    const mine = await variables.get<Float64Array>("e");
    mine[0] = 9;
    expect(await variables.get("e")).toEqual(Float64Array.of(1, 2));
  });

  test("has constraints that cannot be modified and share no state with those of an equal definition", async () => {
    const draft = { type: "choice", value: "a", constraints: { choices: ["a", "b"] } } as const;
    for (const name of ["first", "second"]) await variables.register(name, draft);

    for (const described of [await variables.describe("first"), await variables.describe("first")]) {
      expect(() => (described.constraints.choices as string[]).push("c")).toThrow(TypeError);
      expect(() => Object.assign(described.constraints, { choices: undefined })).toThrow(TypeError);
    }
    for (const name of ["first", "second"]) {
      await expect(variables.set(name, "c")).rejects.toMatchObject({ details: { reason: "choice" } });
      expect((await variables.describe(name)).constraints).toEqual({ choices: ["a", "b"] });
    }
  });

  test("may have the name of an inherited object property", async () => {
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

describe("a session", () => {
  test("that has ended is distinguished from one that never existed", async () => {
    await variables.register("x", { type: "boolean", value: true });
    clock.advance(60_000);
    for (const [id, code] of [
      [SESSION, "SESSION_EXPIRED"],
      ["unknown", "UNKNOWN_SESSION"],
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
        expect((await rejectionOf(act())).code).toBe(code);
      }
    }
  });

  test("must not have more variables than the limit", async () => {
    const few = variablesOn(store, clock, 2).of(SESSION);
    await few.register("a", { type: "boolean", value: true });
    await few.register("b", { type: "boolean", value: true });
    const error = await rejectionOf(few.register("c", { type: "boolean", value: true }));
    expect([error.code, error.message]).toEqual([
      "QUOTA_EXCEEDED",
      'variable "c" was not registered: session "chat-1" has 2 of 2 variables (sessions: { maxVariablesPerSession }); delete unused variables, or increase the limit',
    ]);
    await few.set("a", false);
    await few.delete("a");
    await few.register("c", { type: "boolean", value: true });
  });
});

describe("on a shared store", () => {
  test("a stale cache does not decide", async () => {
    const shared = new ControlledStore();
    const cached = new CachedStore(shared, { clock, monotonicMs: () => clock.now() });
    const [mine, theirs] = [variablesOn(cached, clock), variablesOn(shared.others, clock)];
    await cached.createSession({ id: SESSION, metadata: {}, ttlMs: 60_000 }, clock.now(), 10);
    await mine.of(SESSION).register("n", { type: "integer", value: 1 });
    expect(await mine.of(SESSION).get("n")).toBe(1);
    shared.isMuted = true;
    for (let n = 2; n <= 5; n++) await theirs.of(SESSION).set("n", n);
    // From the cache, which has not been notified.
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
