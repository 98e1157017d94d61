import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type OpenVariables,
  openVariables,
  rejectionOf,
  SESSION,
  variablesOn,
} from "../testing/variables-of-session.ts";
import type { Variable } from "./variable.ts";

let opened: OpenVariables;
let clock: OpenVariables["clock"];
let store: OpenVariables["store"];
let variables: OpenVariables["variables"];

beforeEach(async () => {
  opened = await openVariables();
  ({ clock, store, variables } = opened);
});
afterEach(() => opened[Symbol.asyncDispose]());

describe("a change", () => {
  beforeEach(async () => {
    await variables.register("n", { type: "integer", value: 0, constraints: { max: 1_000 } });
  });

  test("is written only at the expected version", async () => {
    expect(await variables.compareAndSet("n", 5, 1)).toBe(2);
    expect(await variables.compareAndSet("n", 6, 1)).toBeUndefined();
    expect(await variables.get("n")).toBe(5);
    expect((await rejectionOf(variables.compareAndSet("n", 1_001, 2))).details["reason"]).toBe("range");
    expect((await rejectionOf(variables.compareAndSet("m", 1, 2))).details["reason"]).toBe("unknown");
  });

  test("by a function loses nothing under concurrent changes of several hosts", async () => {
    const other = variablesOn(store, clock);
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

  test("by a function resolves with the new value", async () => {
    expect(await variables.update<number>("n", (n) => n + 2)).toBe(2);
    expect(await variables.update<number>("n", async (n) => n + 2)).toBe(4);
  });

  test("by a function that throws, rejects or returns an invalid value is not written", async () => {
    const mistake = new Error("mine");
    await expect(
      variables.update("n", () => {
        throw mistake;
      }),
    ).rejects.toBe(mistake);
    await expect(variables.update("n", () => Promise.reject(mistake))).rejects.toBe(mistake);
    expect((await rejectionOf(variables.update<unknown>("n", () => "text"))).details["reason"]).toBe("type");
    expect((await rejectionOf(variables.update<unknown>("n", () => undefined))).details["reason"]).toBe("type");
    expect((await variables.describe("n")).version).toBe(1);
  });

  test("by a pending function does not block other changes", async () => {
    const value = await variables.update<number>("n", async (n) => {
      if (n === 0) await variables.set("n", 10);
      return n + 1;
    });
    expect(value).toBe(11);
  });

  test("by a slow function succeeds next to a writer that never pauses, which it delays after a conflict", async () => {
    let isDone = false;
    const written = Promise.withResolvers<void>();
    const hot = (async () => {
      while (!isDone) {
        await variables.set("n", 0);
        written.resolve();
      }
    })();
    await written.promise;
    let attempts = 0;
    const changing = variables.update<number>("n", async (n) => {
      attempts += 1;
      for (let i = 0; i < 100; i++) await variables.get("n");
      // A write and an update of the function itself do not wait for the function.
      if (attempts === 2) await variables.set("n", n);
      if (attempts === 3) await variables.update<number>("n", async (inner) => inner);
      return n + 1;
    });
    expect(await changing).toBe(1);
    isDone = true;
    await hot;
    expect(attempts).toBe(4);
    expect(opened.turns.size).toBe(0);
  });

  test("fails after a conflict in every attempt", async () => {
    let calls = 0;
    const error = await rejectionOf(
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
      'variable "n" was changed concurrently in each of 100 attempts; retry later, or change it less often',
    );
  });

  test("fails at a version from before the variable was deleted and registered again", async () => {
    const { version } = await variables.describe("n");
    await variables.delete("n");
    await variables.register("n", { type: "integer", value: 8 });
    for (let n = 0; n < 3; n++) {
      expect(await variables.compareAndSet("n", -1, version)).toBeUndefined();
      await variables.update<number>("n", (value) => value + 1);
    }
    expect(await variables.get("n")).toBe(11);
  });

  test("of a variable that is deleted concurrently reports the unknown variable", async () => {
    const update = variables.update<number>("n", async (n) => {
      await variables.delete("n");
      return n;
    });
    expect((await rejectionOf(update)).details["reason"]).toBe("unknown");
  });

  test("of a variable that is registered again concurrently is checked against the new definition", async () => {
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

  test("takes effect in the order of the calls", async () => {
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
