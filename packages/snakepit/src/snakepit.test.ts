import { decodeValue, ndarray } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import type { FakeCall } from "@snakepit/pool/testing/fake-call";
import { describe, expect, test } from "vitest";
import { Snakepit } from "./snakepit.ts";
import { answering, commonOptions, failure, fakeWorkers } from "./testing/host-under-test.ts";

const common = commonOptions();

describe("a call", () => {
  test("sends its options and its arguments, which are encoded immediately", async () => {
    const calls: FakeCall[] = [];
    const launcher = answering((call) => {
      calls.push(call);
      call.value(decodeValue(call.call.args.body, call.call.args.buffers));
    });
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(launcher), size: 1 });
    const args = { list: [1, 2], array: ndarray(new Float64Array([1, 2]), [2]) };
    const metadata = { tenant: "acme" };
    await pit.session("s-1");
    const answer = pit.execute<typeof args>("add", args, { sessionId: "s-1", metadata });
    args.list.push(3);
    metadata.tenant = "changed later";
    expect((await answer).list).toEqual([1, 2]);
    expect(calls[0]?.call).toMatchObject({ tool: "add", sessionId: "s-1", metadata: { tenant: "acme" } });
    expect(calls[0]?.call.correlationId).toMatch(/^[0-9a-f]{12}-/);
  });

  test("uses the pool that it names, else the pool named default, else the only pool", async () => {
    const named = (name: string) => ({ worker: fakeWorkers(answering((call) => call.value(name))), size: 1 });
    await using pit = await Snakepit.start({ ...common(), pools: { a: named("a"), default: named("default") } });
    expect(await pit.execute("add")).toBe("default");
    expect(await pit.execute("add", {}, { pool: "a" })).toBe("a");
    expect(await pit.pool("a").execute("add")).toBe("a");
    await using only = await Snakepit.start({ ...common(), pools: { b: named("b") } });
    expect(await only.execute("add")).toBe("b");
  });

  test("to an unknown pool fails with the names of the existing pools", async () => {
    const pool = () => ({ worker: fakeWorkers(), size: 1 });
    await using pit = await Snakepit.start({ ...common(), pools: { alpha: pool(), beta: pool() } });
    const error = await failure(pit.execute("add", {}, { pool: "alhpa" }));
    expect(error.code).toBe("UNKNOWN_POOL");
    expect(error.message).toBe('unknown pool "alhpa"; did you mean "alpha"? available pools: alpha, beta');
    expect((await failure(pit.execute("add"))).message).toContain(
      'pool must be specified when no pool is named "default"',
    );
    expect(() => pit.pool("gamma")).toThrow(SnakepitError);
    expect(() => pit.stream("count", {}, { pool: "gamma" })).toThrow(SnakepitError);
  });

  test.each([[[1]], ["text"], [null], [3], [new Map([["a", 1]])], [new Date(0)], [ndarray(new Uint8Array(1), [1])]])(
    "with the arguments %o is rejected",
    async (args) => {
      await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1 });
      expect((await failure(pit.execute("add", args as never))).code).toBe("INVALID_ARGUMENT");
    },
  );

  test.each([
    { timeoutMs: 0 },
    { timeoutMs: -1 },
    { timeoutMs: "soon" },
    { queueTimeoutMs: Number.NaN },
    { metadata: { a: 1 } },
    { metadata: ["a"] },
    { metadata: { a: "x".repeat(70_000) } },
    { sessionId: 5 },
    { sessionId: "x".repeat(2_000) },
    { signal: {} },
    { signal: null },
  ])("with the options %o is a mistake", async (options) => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1 });
    expect((await failure(pit.execute("add", {}, options as never))).code).toBe("INVALID_ARGUMENT");
  });

  test("with a value that cannot be sent is rejected with its path before it is queued", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1, maxPayloadBytes: 1_024 });
    expect(await failure(pit.execute("add", { a: [() => 1] }))).toMatchObject({
      code: "SERIALIZATION",
      message: expect.stringContaining("args.a[0]"),
    });
    expect((await failure(pit.execute("add", { a: "x".repeat(2_000) }))).code).toBe("PAYLOAD_TOO_LARGE");
    expect(pit.stats().requests).toBe(0);
  });

  test("with an aborted signal is cancelled immediately", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(answering(() => {})), size: 1 });
    const call = pit.execute("add", {}, { signal: AbortSignal.abort(new Error("too late")) });
    expect(await failure(call)).toMatchObject({ code: "CANCELLED", cause: { message: "too late" } });
  });

  test("has its own deadline, or that of its pool", async () => {
    await using pit = await Snakepit.start({
      ...common(),
      worker: fakeWorkers(answering(() => {})),
      size: 1,
      executeTimeoutMs: 20,
    });
    expect((await failure(pit.execute("add"))).code).toBe("DEADLINE_EXCEEDED");
    const answer = pit.execute("add", {}, { timeoutMs: "1h", signal: AbortSignal.timeout(40) });
    expect((await failure(answer)).code).toBe("CANCELLED");
  });

  test("after close() is rejected", async () => {
    const pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1 });
    await pit.close();
    expect((await failure(pit.execute("add"))).code).toBe("SHUTTING_DOWN");
    expect((await failure(pit.ready())).code).toBe("SHUTTING_DOWN");
  });
});

describe("a stream", () => {
  const counting = () =>
    answering((call) => {
      for (let chunk = 0; chunk < 2; chunk++) call.chunk(chunk);
      call.end();
    });

  test("yields the chunks in order", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(counting()), size: 1 });
    const chunks: number[] = [];
    for await (const chunk of pit.stream<number>("count")) chunks.push(chunk);
    expect(chunks).toEqual([0, 1]);
  });

  test("that is not read starts no call", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(counting()), size: 1 });
    pit.stream("count");
    expect(pit.stats().requests).toBe(0);
  });

  test("fails when a chunk exceeds the idle time-out", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(answering(() => {})), size: 1 });
    const stream = pit.stream("count", {}, { idleTimeoutMs: 10 });
    expect((await failure(stream.next())).code).toBe("DEADLINE_EXCEEDED");
  });
});

describe("the error of a call in a session has the ID of the session", () => {
  const hostException = { name: "RangeError", message: "too far" };
  const raised = new SnakepitError("PYTHON_EXCEPTION", "no", { hostException, pool: "default", workerId: "w" });

  test.each(["execute", "map", "stream"] as const)("with %s()", async (method) => {
    await using pit = await Snakepit.start({
      ...common(),
      worker: fakeWorkers(answering((call) => call.fail(raised))),
      size: 1,
    });
    const session = await pit.session("s-1");
    const failing = {
      execute: () => session.execute("add"),
      map: () => pit.map("add", [{}], { sessionId: "s-1" }),
      stream: async () => {
        for await (const _ of session.stream("count"));
      },
    }[method];
    const error = await failure(Promise.resolve(failing()));
    expect(error).toMatchObject({ code: "PYTHON_EXCEPTION", sessionId: "s-1", workerId: "w", hostException });
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ sessionId: "s-1" });
    expect((await failure(session.execute("ad"))).sessionId).toBe("s-1");
    expect(await failure(pit.execute("add"))).not.toHaveProperty("sessionId");
  });
});

describe("the properties of a host:", () => {
  test("stats() returns the totals of all pools and the statistics of each", async () => {
    const pool = (size: number) => ({ worker: fakeWorkers(), size });
    await using pit = await Snakepit.start({ ...common(), pools: { a: pool(1), default: pool(2) } });
    await pit.ready();
    await pit.execute("add");
    expect(pit.stats()).toMatchObject({
      workers: 3,
      requests: 1,
      pools: { a: { requests: 0 }, default: { requests: 1 } },
    });
    expect(pit.stats("a")).toMatchObject({ state: "ready", workers: 1 });
    expect(pit.workers().map((worker) => worker.pool)).toEqual(["a", "default", "default"]);
    expect(pit.tools("a").map(({ name }) => name)).toEqual(["add", "count"]);
  });

  test("config contains no secret", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), env: { API_KEY: "hunter2" } });
    expect(JSON.stringify(pit.config)).not.toContain("hunter2");
  });

  test("on() calls the listeners of an event", async () => {
    const launcher = answering((call) => call.value(1));
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(launcher), size: 1 });
    const exited = new Promise((resolve) => pit.on("worker.exited", resolve));
    launcher.workers[0]?.crash({ signal: "SIGSEGV" });
    expect(await exited).toMatchObject({ pool: "default", exit: { signal: "SIGSEGV" } });
  });
});

describe("close", () => {
  test("waits for active calls, and rejects those that exceed the grace period", async () => {
    const launcher = answering(() => {});
    const pit = await Snakepit.start({ ...common(), worker: fakeWorkers(launcher), size: 2 });
    await pit.ready();
    await pit.session("1");
    const [finishing, stuck] = [pit.execute("add", {}, { sessionId: "1" }), failure(pit.execute("add"))];
    const closing = pit.close({ graceMs: 50 });
    const calls = launcher.workers.flatMap((worker) => worker.calls);
    calls.find(({ call }) => call.sessionId === "1")?.value("finished");
    expect(await finishing).toBe("finished");
    expect((await stuck).code).toBe("SHUTTING_DOWN");
    await closing;
    expect(launcher.closed).toBe(1);
  });

  test("may be called again, also with a shorter grace period", async () => {
    const pit = await Snakepit.start({ ...common(), worker: fakeWorkers(answering(() => {})), size: 1 });
    const stuck = failure(pit.execute("add"));
    const patient = pit.close({ graceMs: 3_600_000 });
    await Promise.all([pit.close({ graceMs: 0 }), patient, pit[Symbol.asyncDispose]()]);
    expect((await stuck).code).toBe("SHUTTING_DOWN");
  });

  test("rejects when a resource could not be closed, also when it is called twice", async () => {
    const launcher = answering(() => {});
    const pit = await Snakepit.start({ ...common(), worker: fakeWorkers(launcher), size: 1 });
    launcher.close = () => Promise.reject(new Error("it is stuck"));
    // An unhandled rejection fails the test run.
    const [first, second] = await Promise.all([failure(pit.close()), failure(pit.close({ graceMs: 0 }))]);
    expect(first.message).toContain("it is stuck");
    expect(second).toBe(first);
  });
});
