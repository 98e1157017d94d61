import { join } from "node:path";
import { MemoryStore } from "@snakepit/sessions";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const worker = python(`${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`);

let pit: Snakepit;

/** Starts {@link pit} for each test of the block, or once for all of them if they end their sessions. */
function startPit(per: "test" | "block"): void {
  const [before, after] = per === "test" ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => {
    pit = await Snakepit.start({ ...LONG_TIME_LIMITS, worker, size: 2, logger: false, sessions: { maxSessions: 5 } });
  });
  after(() => pit.close());
}

describe("a session", () => {
  startPit("test");

  test("is created once, has metadata, and is deleted with its data", async () => {
    const session = await pit.session("s", { metadata: { user: 7 }, ttlMs: "10m" });
    expect(await (await pit.session("s", { metadata: { user: 8 } })).metadata()).toEqual({ user: 7 });
    expect(await session.info()).toMatchObject({ id: "s", ttlMs: 600_000, version: 1 });
    expect(await session.update(({ user }) => ({ user, seen: true }))).toEqual({ user: 7, seen: true });
    await session.variables.register("n", { type: "integer", value: 1 });
    await session.programs.store("p", { a: 1 });
    expect(await pit.sessions.stats()).toMatchObject({ active: 1, tracked: 1, entries: { variable: 1, program: 1 } });
    expect(await session.close()).toBe(true);
    expect(await session.close()).toBe(false);
    expect(await pit.sessions.list()).toEqual([]);
    for (const use of [
      () => session.execute("pid"),
      () => session.metadata(),
      () => session.variables.get("n"),
      () => session.programs.get("p"),
      () => session.stream("relay", { name: "x", args: {} }).next(),
      () => pit.execute("pid", {}, { sessionId: "s" }),
    ]) {
      expect((await failure(use())).code).toBe("UNKNOWN_SESSION");
    }
    await using again = await pit.session("s");
    expect((await failure(again.variables.get("n"))).message).toContain('variable "n" does not exist in session "s"');
  });

  test("that does not exist rejects calls, and an invalid id is rejected", async () => {
    expect((await failure(pit.execute("pid", {}, { sessionId: "unknown" }))).code).toBe("UNKNOWN_SESSION");
    expect((await failure(pit.session(""))).code).toBe("INVALID_ARGUMENT");
    expect((await failure(pit.session("a", { ttlMs: "soon" as never }))).message).toContain("ttlMs");
    expect((await failure(pit.session("a", { ttlMs: 0 }))).message).toMatch(/ttlMs.*0/);
    expect((await failure(pit.session("a", { ttl: 5 } as never))).message).toBe(
      "ttl is not an option of session(); did you mean ttlMs?",
    );
    expect(await pit.sessions.list()).toEqual([]);
  });

  test("of a closed host rejects calls and can be disposed", async () => {
    const session = await pit.session("s");
    await pit.close();
    for (const use of [
      () => session.metadata(),
      () => session.variables.get("n"),
      () => session.close(),
      () => pit.session("other"),
    ]) {
      expect((await failure(use())).code).toBe("SHUTTING_DOWN");
    }
    await session[Symbol.asyncDispose]();
  });

  test("over the quota is rejected with the option that limits it", async () => {
    for (let i = 0; i < 5; i++) await pit.session(`s${i}`);
    const error = await failure(pit.session("s5"));
    expect(error).toMatchObject({ code: "QUOTA_EXCEEDED", details: { maxSessions: 5 } });
    expect(error.message).toContain("sessions: { maxSessions }");
  });

  test("notifies the adapters that execute its calls of its start, once, and of its end", async () => {
    const session = await pit.session("s");
    const pid = await session.execute<number>("pid");
    await session.execute("pid");
    expect(await session.execute("session_events")).toEqual(["start s"]);
    await session.close();
    // Calls without a session use any free worker: repeat them until the session's worker executes one.
    await until("the worker was notified of the end", async () => {
      const calls = await Promise.all([pit.execute("session_events"), pit.execute("session_events")]);
      return calls.some((seen) => String(seen) === "start s,end s");
    });
    expect(pit.workers().map((worker) => worker.pid)).toContain(pid);
  });
});

describe("variables", () => {
  startPit("block");

  test("are the same in both languages", async () => {
    await using session = await pit.session();
    const definition = { type: "float", value: 0.5, constraints: { min: 0, max: 2 } } as const;
    const { version } = await session.variables.register("t", definition);
    expect(await session.execute("read", { name: "t" })).toBe(0.5);
    expect(await session.execute("write", { name: "t", value: 1.5 })).toBe(1.5);
    const written = await session.variables.describe("t");
    expect(written).toMatchObject({ value: 1.5, version: version + 1, previous: { value: 0.5 } });
    expect(written.updatedBy).toMatch(/^default-\d+$/);
  });

  test("with an invalid value are rejected with the same message on both sides", async () => {
    await using session = await pit.session();
    await session.variables.register("t", { type: "float", value: 0.5, constraints: { min: 0, max: 2 } });
    const here = await failure(session.variables.set("t", 3));
    const there = await failure(session.execute("write", { name: "t", value: 3 }));
    expect(here.message).toBe('variable "t" must be from 0 to 2; got 3');
    expect(there.python).toMatchObject({ type: "VariableError", message: here.message });
    expect(there.details).toEqual({ code: "INVALID_ARGUMENT", details: here.details });
  });

  test("that Python has cached are read again after the host has changed them", async () => {
    await using session = await pit.session();
    await session.variables.register("n", { type: "integer", value: 1 });
    expect(await session.execute("read", { name: "n" })).toBe(1);
    await session.variables.set("n", 2);
    // The notification of the change is sent before the next call, on the same connection.
    expect(await session.execute("read", { name: "n" })).toBe(2);
  });

  test("lose no concurrent change of the two languages, and a watcher receives the last one", async () => {
    await using session = await pit.session();
    await session.variables.register("n", { type: "integer", value: 0 });
    const watching = session.execute<number>("watch_until", { name: "n", last: 100 }, { timeoutMs: "1m" });
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const change of session.variables.watch("n")) {
        seen.push(change.deleted ? undefined : change.value);
        if (seen.at(-1) === 100) return;
      }
    })();
    const ours = async () => {
      for (let i = 0; i < 50; i++) await session.variables.update<number>("n", (n) => n + 1);
    };
    await Promise.all([ours(), session.execute("increment", { name: "n", times: 50 })]);
    await reading;
    expect(await watching).toBeGreaterThan(0);
    expect(seen.at(-1)).toBe(100);
    expect([...seen].sort((a, b) => Number(a) - Number(b))).toEqual(seen);
  });

  test("and programs require a session in Python as well", async () => {
    expect((await failure(pit.execute("read", { name: "t" }))).python?.type).toBe("NoSessionError");
  });
});

describe("programs", () => {
  startPit("block");

  test("are created by one tool, stored, and passed to the tool that executes them", async () => {
    await using session = await pit.session();
    await session.executeProgram("create_program", { label: "greet" });
    expect(await session.programs.get("program-greet")).toMatchObject({ template: "greet: {}" });
    const args = { program_id: "program-greet", value: "you" };
    expect(await session.executeProgram("execute_program", args)).toBe("program-greet: greet: you");
    expect(await session.execute("program", { program_id: "program-greet" })).toMatchObject({ template: "greet: {}" });
  });

  test("are also searched in the global scope, which outlives sessions", async () => {
    await pit.programs.store("shared", { template: "shared {}" });
    await using session = await pit.session();
    const args = { program_id: "shared", value: "x" };
    expect(await session.executeProgram("execute_program", args)).toBe("shared: shared x");
    expect((await failure(session.executeProgram("execute_program", { program_id: "none", value: "x" }))).code).toBe(
      "INVALID_ARGUMENT",
    );
  });
});

describe("the last worker of a session", () => {
  test("is the worker of its last call, in any pool", async () => {
    await using pit = await Snakepit.start({
      pools: { one: { ...LONG_TIME_LIMITS, worker, size: 1 }, two: { ...LONG_TIME_LIMITS, worker, size: 1 } },
      logger: false,
    });
    const session = await pit.session("s");
    for (const pool of ["one", "two", "one", "two", "two", "one"]) {
      await session.execute("pid", {}, { pool });
      expect((await session.info()).lastWorker).toBe(pit.workers(pool)[0]?.id);
    }
  });

  test("is recorded when the host closes immediately after the call", async () => {
    const store = new MemoryStore();
    const pit = await Snakepit.start({ ...LONG_TIME_LIMITS, worker, size: 1, logger: false, sessions: { store } });
    const session = await pit.session("s");
    await session.execute("pid");
    const [last] = pit.workers();
    await pit.close({ graceMs: 0 });
    expect((await store.readSession("s"))?.lastWorker).toBe(last?.id);
    await store.close();
  });
});
