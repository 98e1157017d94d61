import { GLOBAL_SCOPE } from "@snakepit/core";
import { beforeEach, describe, expect, it } from "vitest";
import { MemoryStore } from "../store/memory-store.ts";
import { rejectionOf } from "../testing/host-tool-calls.ts";
import { WriteTurns } from "../updates/write-turns.ts";
import { Programs, type ProgramsOptions } from "./programs.ts";

const START = Date.UTC(2026, 0, 1);
const DOCUMENT = { signature: "question -> answer", demos: [{ q: "1 + 1", a: 2 }], temperature: 0.7, cached: null };

let store: MemoryStore;
let now: number;
let options: ProgramsOptions;
let programs: Programs;
let globals: Programs;

beforeEach(async () => {
  now = START;
  store = new MemoryStore();
  const limits = { maxProgramsPerSession: 100, maxGlobalPrograms: 1_000 };
  options = { store, clock: { now: () => now }, turns: new WriteTurns(), ...limits };
  for (const id of ["s-1", "s-2"]) await store.createSession({ id, metadata: {}, ttlMs: 60_000 }, now, 10);
  programs = new Programs(options, "s-1");
  globals = new Programs(options, GLOBAL_SCOPE);
});

describe("a program", () => {
  it("is stored, found, and deleted", async () => {
    expect(await programs.find("qa")).toBeUndefined();
    await programs.store("qa", DOCUMENT);
    expect(await programs.get("qa")).toEqual(DOCUMENT);
    expect(await programs.find("qa")).toEqual(DOCUMENT);
    expect(await programs.delete("qa")).toBe(true);
    expect(await programs.delete("qa")).toBe(false);
    expect(await programs.find("qa")).toBeUndefined();
  });

  it.each([null, false, 0, "", "text", [], [1, [2]], {}, { "": { " a.b": 1 } }])(
    "may be any JSON: %j",
    async (document) => {
      await programs.store("any", document);
      expect(await programs.get("any")).toEqual(document);
    },
  );

  it("is a copy, in and out", async () => {
    const document = structuredClone(DOCUMENT);
    await programs.store("qa", document);
    document.demos.pop();
    const first = await programs.get<typeof DOCUMENT>("qa");
    first.demos.pop();
    expect(await programs.get("qa")).toEqual(DOCUMENT);
  });

  it("loses properties that are undefined, and keeps __proto__ as a name", async () => {
    await programs.store("odd", { a: undefined, b: { c: undefined, d: 1 } });
    expect(await programs.get("odd")).toEqual({ b: { d: 1 } });
    const hostile: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
    await programs.store("hostile", hostile);
    expect(Object.keys(await programs.get("hostile"))).toEqual(["__proto__"]);
    expect("polluted" in {}).toBe(false);
  });

  it("belongs to its session or to the global scope", async () => {
    await programs.store("qa", 1);
    await globals.store("qa", 2);
    expect(await new Programs(options, "s-2").find("qa")).toBeUndefined();
    expect(await programs.get("qa")).toBe(1);
    expect(await globals.get("qa")).toBe(2);
    await store.deleteSession("s-1", now);
    expect(await globals.get("qa")).toBe(2);
  });

  it("has a version, times, an author and a size", async () => {
    expect(await programs.store("qa", [1, 2])).toEqual({
      id: "qa",
      version: 1,
      createdAt: START,
      updatedAt: START,
      updatedBy: "host",
      byteLength: 5,
    });
    now += 1_000;
    await new Programs(options, "s-1", "default-1").store("qa", "ä");
    const info = { id: "qa", version: 2, createdAt: START, updatedAt: now, updatedBy: "default-1", byteLength: 4 };
    expect(await programs.describe("qa")).toEqual(info);
    expect(await programs.read("qa")).toEqual({ document: "ä", info });
  });

  it("is listed by pattern, ordered by ID, across pages", async () => {
    for (const id of ["b/2", "a", "b/1"]) await programs.store(id, id);
    expect((await programs.list()).map(({ id }) => id)).toEqual(["a", "b/1", "b/2"]);
    expect((await programs.list("b/?")).map(({ id }) => id)).toEqual(["b/1", "b/2"]);
    expect(await programs.list("c*")).toEqual([]);
    const ids = Array.from({ length: 96 }, (_, index) => `n${String(index).padStart(3, "0")}`);
    for (const id of ids) await programs.store(id, 1);
    expect((await programs.list("n*")).map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    ["", "got an empty string"],
    ["x".repeat(257), "got one of 257 characters"],
    ["a\nb", "with a control character"],
    ["\ud800", "with a lone surrogate"],
    [null, "got null"],
    [7, "got 7"],
  ])("rejects the invalid ID %j", async (id, problem) => {
    const wrong = id as string;
    const calls = [
      () => programs.store(wrong, 1),
      () => programs.replace(wrong, 1),
      () => programs.get(wrong),
      () => programs.find(wrong),
      () => programs.describe(wrong),
      () => programs.update(wrong, () => 1),
      () => programs.delete(wrong),
    ];
    for (const call of calls) {
      const error = await rejectionOf(call());
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", details: { reason: "id" } });
      expect(error.message).toContain(problem);
    }
  });

  it("is listed by a pattern, which must be a string", async () => {
    const { code, message } = await rejectionOf(programs.list(5 as never));
    expect(code).toBe("INVALID_ARGUMENT");
    expect(message).toContain("must be a string");
  });

  it("may have an ID in any script", async () => {
    const id = "プログラム / 🐍".padEnd(256, "x");
    await programs.store(id, 1);
    expect(await programs.get(id)).toBe(1);
  });

  it("that is unknown is an error", async () => {
    const calls = [
      () => programs.get("qa"),
      () => programs.read("qa"),
      () => programs.describe("qa"),
      () => programs.update("qa", () => 1),
      () => programs.replace("qa", 1),
    ];
    for (const call of calls) {
      const error = await rejectionOf(call());
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", details: { program: "qa", reason: "unknown" } });
      expect(error.message).toBe('program "qa" does not exist in session "s-1"; store it first (programs.store)');
    }
    expect((await rejectionOf(globals.get("qa"))).message).toContain('program "qa" does not exist in the global scope');
  });

  it("is an error that suggests a similar ID", async () => {
    await programs.store("summarise", 1);
    expect((await rejectionOf(programs.get("sumarise"))).message).toBe(
      'program "sumarise" does not exist in session "s-1"; did you mean "summarise"?',
    );
    expect((await rejectionOf(globals.get("sumarise"))).message).toContain("store it first");
  });
});

describe("a document", () => {
  const cycle: unknown[] = [];
  cycle.push({ inside: cycle });
  it.each([
    [undefined, 'program "p" must be a JSON value; got undefined'],
    [() => 1, 'program "p" is a function'],
    [{ a: [1, new Date()] }, 'program "p".a[1] is a date'],
    [{ "a b": { c: Number.NaN } }, 'program "p"["a b"].c is NaN'],
    [[Number.POSITIVE_INFINITY], 'program "p"[0] is Infinity'],
    [{ seed: 2n ** 60n }, 'program "p".seed is an integer of more than 53 bits'],
    [{ seed: 2n ** 53n }, 'program "p".seed is an integer of more than 53 bits'],
    [{ seed: 7n }, 'program "p".seed is a bigint'],
    [[1, undefined], 'program "p"[1] is undefined'],
    // biome-ignore lint/suspicious/noSparseArray: the hole is under test.
    [[, 1], 'program "p"[0] is undefined'],
    [{ weights: new Float32Array(2) }, 'program "p".weights is an array of float32'],
    [new Map(), 'program "p" is a map with keys of any type'],
    [{ a: Symbol("s") }, 'program "p".a is a symbol'],
    [cycle, 'program "p"[0].inside contains itself'],
  ])("that JSON cannot represent is rejected with the path: %#", async (document, message) => {
    const error = await rejectionOf(programs.store("p", document));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", details: { program: "p", reason: "json" } });
    expect(error.message).toContain(message);
    expect(await programs.list()).toEqual([]);
  });

  it("may have 1 MiB as JSON", async () => {
    await programs.store("large", "x".repeat(1_048_574));
    const error = await rejectionOf(programs.store("larger", "x".repeat(1_048_575)));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", details: { program: "larger", reason: "size" } });
    expect(error.message).toContain("must have at most 1048576 bytes; got 1048577");
  });
});

describe("an update", () => {
  it("receives a copy and writes the returned document", async () => {
    await programs.store("qa", { runs: 1 });
    const written = await programs.update<{ runs: number }>("qa", ({ runs }) => ({ runs: runs + 1 }));
    expect(written).toEqual({ runs: 2 });
    expect(await programs.get("qa")).toEqual({ runs: 2 });
    expect((await programs.describe("qa")).version).toBe(2);
  });

  it("is repeated after a concurrent write, so that no change is lost", async () => {
    await programs.store("qa", 0);
    const rivals = [programs, new Programs(options, "s-1", "default-1")];
    const updates = Array.from({ length: 40 }, (_, index) =>
      rivals[index % 2]!.update<number>("qa", async (count) => {
        await new Promise(setImmediate);
        return count + 1;
      }),
    );
    await Promise.all(updates);
    expect(await programs.get("qa")).toBe(40);
  });

  it("by a slow function succeeds next to a writer that never pauses, which it delays after a conflict", async () => {
    await programs.store("qa", 0);
    const other = new Programs(options, "s-1", "default-1");
    let isDone = false;
    let writes = 0;
    const hot = (async () => {
      // Without end, it would keep the event loop from the delays of an update that does not succeed.
      for (; writes < 100_000 && !isDone; writes++) await other.store("qa", 0);
    })();
    let attempts = 0;
    const changing = programs.update<number>("qa", async (count) => {
      attempts += 1;
      for (let i = 0; i < 100; i++) await programs.find("other");
      // A write and an update of the function itself do not wait for the function.
      if (attempts === 2) await programs.store("qa", count);
      if (attempts === 3) await programs.update<number>("qa", async (inner) => inner);
      return count + 1;
    });
    expect(await changing).toBe(1);
    isDone = true;
    await hot;
    expect(writes).toBeLessThan(100_000);
    expect(attempts).toBe(4);
    expect(options.turns.size).toBe(0);
  });

  it("takes effect in the order of the calls", async () => {
    await programs.store("qa", 1);
    const later = [
      programs.update<number>("qa", (n) => n * 10),
      programs.replace("qa", 7),
      programs.update<number>("qa", (n) => n * 10),
      programs.delete("qa"),
      programs.store("qa", 3),
      programs.update<number>("qa", (n) => n + 1),
    ];
    expect((await Promise.all(later)).filter((each) => typeof each === "number")).toEqual([10, 70, 4]);
  });

  it("fails after a conflict in every attempt", async () => {
    await programs.store("qa", 0);
    let attempts = 0;
    const error = await rejectionOf(
      programs.update("qa", async () => {
        attempts += 1;
        await programs.store("qa", attempts);
        return -1;
      }),
    );
    expect(error).toMatchObject({
      code: "INVALID_ARGUMENT",
      details: { program: "qa", reason: "version", attempts },
    });
    expect(await programs.get("qa")).toBe(attempts);
  });

  it("changes nothing if its function throws or returns a value that is not JSON", async () => {
    await programs.store("qa", 1);
    const thrown = new Error("no");
    await expect(
      programs.update("qa", () => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    await expect(programs.update("qa", () => Promise.reject(thrown))).rejects.toBe(thrown);
    expect((await rejectionOf(programs.update("qa", () => undefined))).message).toContain(
      'program "qa" must be a JSON value; got undefined',
    );
    expect(await programs.describe("qa")).toMatchObject({ version: 1 });
  });

  it("requires a function", async () => {
    await programs.store("qa", 1);
    const { code, message } = await rejectionOf(programs.update("qa", 2 as never));
    expect(code).toBe("INVALID_ARGUMENT");
    expect(message).toBe(
      'program "qa": the argument of update() must be a function of the current document; got 2; to store a document, use store()',
    );
  });

  it("fails when the program is deleted during the update", async () => {
    await programs.store("qa", 1);
    const error = await rejectionOf(
      programs.update("qa", async () => {
        await programs.delete("qa");
        return 2;
      }),
    );
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", details: { reason: "unknown" } });
    expect(await programs.find("qa")).toBeUndefined();
  });
});

describe("a replacement", () => {
  it("replaces an existing program at any version", async () => {
    await programs.store("qa", 1);
    expect(await programs.replace("qa", 2)).toMatchObject({ version: 2 });
    expect(await programs.get("qa")).toBe(2);
  });

  it("is written only at the expected version", async () => {
    await programs.store("qa", 1);
    expect(await programs.replace("qa", 2, 1)).toMatchObject({ version: 2 });
    const error = await rejectionOf(programs.replace("qa", 3, 1));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", details: { reason: "version", expected: 1, version: 2 } });
    expect(error.message).toContain('program "qa" has version 2, not 1');
    expect(await programs.get("qa")).toBe(2);
  });
});

describe("a quota", () => {
  it.each([
    ["of a session", "maxProgramsPerSession", "s-1", '2 of 2 programs exist in session "s-1"'],
    ["for all", "maxGlobalPrograms", GLOBAL_SCOPE, "2 of 2 programs exist in the global scope"],
  ])("%s is enforced, and the error names the option", async (_, option, scope, message) => {
    const few = new Programs({ ...options, [option]: 2 }, scope);
    await few.store("a", 1);
    await few.store("b", 1);
    const error = await rejectionOf(few.store("c", 1));
    expect(error).toMatchObject({ code: "QUOTA_EXCEEDED", details: { program: "c", programs: 2, option, limit: 2 } });
    expect(error.message).toContain(message);
    expect(error.message).toContain(`(sessions: { ${option} })`);
    await few.store("b", 2);
    await few.delete("a");
    await few.store("c", 1);
    expect((await few.list()).map(({ id }) => id)).toEqual(["b", "c"]);
  });
});

describe("programs of a session that has ended", () => {
  const calls: [string, () => Promise<unknown>][] = [
    ["store", () => programs.store("qa", 1)],
    ["replace", () => programs.replace("qa", 1)],
    ["get", () => programs.get("qa")],
    ["find", () => programs.find("qa")],
    ["describe", () => programs.describe("qa")],
    ["update", () => programs.update("qa", () => 1)],
    ["delete", () => programs.delete("qa")],
    ["list", () => programs.list()],
  ];

  it.each(calls)("cannot be used: %s", async (_, call) => {
    await programs.store("qa", 1);
    now += 60_000;
    expect(await rejectionOf(call())).toMatchObject({ code: "SESSION_EXPIRED", details: { sessionId: "s-1" } });
    await store.deleteSession("s-1", now);
    expect(await rejectionOf(call())).toMatchObject({ code: "UNKNOWN_SESSION", details: { sessionId: "s-1" } });
  });

  it("are not visible in a later session with the same ID", async () => {
    await programs.store("qa", 1);
    now += 60_000;
    await store.createSession({ id: "s-1", metadata: {}, ttlMs: 60_000 }, now, 10);
    expect(await programs.find("qa")).toBeUndefined();
  });

  it("cannot be reached when the store is closed", async () => {
    await store.close();
    expect((await rejectionOf(programs.get("qa"))).code).toBe("SHUTTING_DOWN");
  });
});
