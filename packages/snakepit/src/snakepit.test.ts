import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeValue, ndarray } from "@snakepit/bridge-proto";
import { type ProcessRegistry, SnakepitError, type SweepReport } from "@snakepit/core";
import type { FakeCall } from "@snakepit/pool/testing/fake-call";
import { FakeLauncher } from "@snakepit/pool/testing/fake-launcher";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Snakepit } from "./snakepit.ts";
import { answering, fakeWorkers } from "./testing/fake-workers.ts";

let directory: string;
let registry: { readonly path: string };
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-api-"));
  registry = { path: join(directory, "registry.db") };
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What hosts of these tests have in common. */
function common() {
  return { registry, logger: false } as const;
}

async function failure(promise: Promise<unknown>): Promise<SnakepitError> {
  try {
    await promise;
  } catch (thrown) {
    if (thrown instanceof SnakepitError) return thrown;
    throw thrown;
  }
  throw new Error("it succeeded");
}

/** A registry that forgets everything, with some methods that do not. */
function ownRegistry(methods: Partial<ProcessRegistry>): ProcessRegistry {
  return {
    runId: "myrunid",
    reserve: async () => {},
    activate: async () => {},
    release: async () => {},
    sweep: async () => ({ hosts: 0, killed: [], rows: 0 }),
    close: async () => {},
    ...methods,
  };
}

function startError(): SnakepitError {
  return new SnakepitError("WORKER_START_FAILED", "no module named torch", { details: { permanent: true } });
}

describe("start", () => {
  test("gives a host whose pool has a worker", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 2 });
    expect(await pit.execute("add")).toBe("add");
    expect(pit.config.pools["default"]).toMatchObject({ size: 2, worker: { language: "fake" } });
    expect(pit.runId).toMatch(/^[0-9a-z]{7}$/);
  });

  test("does not wait for all workers; ready does", async () => {
    const launcher = new FakeLauncher({}, (launch, index) => {
      if (index === 0) launch.succeed();
    });
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(launcher), size: 2 });
    expect(pit.stats()).toMatchObject({ wanted: 2, workers: 1, starting: 1 });
    expect((await failure(pit.ready({ timeoutMs: 10 }))).code).toBe("POOL_NOT_READY");
    launcher.launches[1]?.succeed();
    await pit.ready();
    expect(pit.workers()).toHaveLength(2);
  });

  test("tells launchers what the configuration says", async () => {
    const workers = fakeWorkers();
    const config = {
      ...common(),
      worker: workers,
      env: { A: "1" },
      startTimeoutMs: "7s",
      maxPayloadBytes: 4_096,
    } as const;
    await using pit = await Snakepit.start({ ...config, socketDirectory: directory });
    expect(workers.made[0]).toMatchObject({
      options: { pool: "default", startTimeoutMs: 7_000, heartbeatIntervalMs: 2_000, env: { A: "1" } },
      host: { runId: pit.runId, maxPayloadBytes: 4_096, socketDirectory: directory },
    });
  });

  test("a pool that cannot start one worker rejects with its error, and all pools are closed", async () => {
    const [good, bad] = [answering(() => {}), new FakeLauncher({}, (launch) => launch.fail(startError()))];
    const pools = { good: { worker: fakeWorkers(good) }, bad: { worker: fakeWorkers(bad) } };
    const error = await failure(Snakepit.start({ ...common(), pools }));
    expect(error).toMatchObject({ code: "WORKER_START_FAILED", message: "no module named torch", pool: "bad" });
    expect(good.closed).toBe(1);
    expect(bad.closed).toBe(1);
  });

  test("a launcher that fails to close hides neither the error nor another launcher, however late that comes", async () => {
    const bad = new FakeLauncher({}, (launch) => launch.fail(startError()));
    const brokenClose = Promise.withResolvers<void>();
    bad.close = async () => {
      brokenClose.resolve();
      throw new Error("it is stuck");
    };
    const late = answering(() => {});
    const lateWorkers = fakeWorkers(late);
    const createLauncher: typeof lateWorkers.createLauncher = async (host, options) => {
      await brokenClose.promise;
      return lateWorkers.createLauncher(host, options);
    };
    const pools = { bad: { worker: fakeWorkers(bad) }, late: { worker: { ...lateWorkers, createLauncher } } };
    expect((await failure(Snakepit.start({ ...common(), pools }))).message).toBe("no module named torch");
    expect(late.closed).toBe(1);
  });

  test("a launcher that cannot be made rejects with its error, and the others are closed", async () => {
    const good = answering(() => {});
    const bad = { ...fakeWorkers(), createLauncher: () => Promise.reject(startError()) };
    const pools = { bad: { worker: bad }, good: { worker: fakeWorkers(good) } };
    expect((await failure(Snakepit.start({ ...common(), pools }))).message).toBe("no module named torch");
    expect(good.closed).toBe(1);
  });

  test("what launchers have put aside for the end is closed after a failed start, too", async () => {
    let closed = 0;
    const worker = fakeWorkers(new FakeLauncher({}, (launch) => launch.fail(startError())));
    const createLauncher: typeof worker.createLauncher = (host, options) => {
      host.defer(() => {
        closed += 1;
      });
      return worker.createLauncher(host, options);
    };
    await failure(Snakepit.start({ ...common(), worker: { ...worker, createLauncher } }));
    expect(closed).toBe(1);
  });

  test("a start that is aborted rejects, and what was opened is closed", async () => {
    const controller = new AbortController();
    const launcher = new FakeLauncher({}, () => controller.abort(new Error("changed my mind")));
    const start = Snakepit.start({ ...common(), worker: fakeWorkers(launcher) }, { signal: controller.signal });
    expect(await failure(start)).toMatchObject({ code: "CANCELLED", cause: { message: "changed my mind" } });
    expect(launcher.closed).toBe(1);
  });

  test("a start that is aborted when its workers are ready and the registry is not yet swept rejects, too", async () => {
    const controller = new AbortController();
    const swept = Promise.withResolvers<SweepReport>();
    const launcher = new FakeLauncher({}, (launch) => {
      launch.succeed();
      setImmediate(() => {
        controller.abort();
        swept.resolve({ hosts: 0, killed: [], rows: 0 });
      });
    });
    const config = { worker: fakeWorkers(launcher), registry: ownRegistry({ sweep: () => swept.promise }), size: 1 };
    const start = Snakepit.start({ ...config, logger: false }, { signal: controller.signal });
    expect((await failure(start)).code).toBe("CANCELLED");
    expect(launcher.closed).toBe(1);
  });

  test("a registry that cannot be used is the error of the start, once a process needs it", async () => {
    const workers = fakeWorkers();
    const createLauncher: typeof workers.createLauncher = async (host, options) => {
      await host.registry.reserve([{ workerId: "w", pool: options.pool, role: "worker" }]);
      return workers.createLauncher(host, options);
    };
    const config = { logger: false, worker: { ...workers, createLauncher }, registry: { path: directory } } as const;
    const error = await failure(Snakepit.start(config));
    expect(error.code).toBe("REGISTRY_UNAVAILABLE");
    expect(error.message).toContain(directory);
  });

  test("a configuration with mistakes starts nothing", async () => {
    const workers = fakeWorkers();
    expect((await failure(Snakepit.start({ ...common(), worker: workers, size: 0 }))).code).toBe("INVALID_CONFIG");
    expect(workers.made).toEqual([]);
  });

  test("several hosts in one process have nothing in common", async () => {
    const config = () => ({ ...common(), worker: fakeWorkers(), size: 1 });
    const [one, other] = await Promise.all([Snakepit.start(config()), Snakepit.start(config())]);
    expect(one.runId).not.toBe(other.runId);
    await one.close();
    expect(await other.execute("add")).toBe("add");
    await other.close();
  });

  test("a registry of the user's own is swept, and stays open when the host closes", async () => {
    const asked: string[] = [];
    const own = ownRegistry({
      sweep: async () => {
        asked.push("sweep");
        return { hosts: 0, killed: [], rows: 0 };
      },
      close: async () => {
        asked.push("close");
      },
    });
    const pit = await Snakepit.start({ worker: fakeWorkers(), registry: own, logger: false });
    expect(pit.runId).toBe("myrunid");
    await pit.close();
    expect(asked).toEqual(["sweep"]);
  });

  test("hosts that have come and gone leave no listener on the process", async () => {
    const listeners = () => process.eventNames().reduce((count, name) => count + process.listenerCount(name), 0);
    const before = listeners();
    for (let round = 0; round < 12; round++) {
      await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1 });
      await pit.execute("add");
    }
    expect(listeners()).toBe(before);
  });
});

describe("a call", () => {
  test("carries its arguments, encoded at once, and what the options say", async () => {
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
    metadata.tenant = "somebody else";
    expect((await answer).list).toEqual([1, 2]);
    expect(calls[0]?.call).toMatchObject({ tool: "add", sessionId: "s-1", metadata: { tenant: "acme" } });
    expect(calls[0]?.call.correlationId).toMatch(/^[0-9a-f]{12}-/);
  });

  test("goes to the pool that it names, else to the one called default, else to the only one", async () => {
    const named = (name: string) => ({ worker: fakeWorkers(answering((call) => call.value(name))), size: 1 });
    await using pit = await Snakepit.start({ ...common(), pools: { a: named("a"), default: named("default") } });
    expect(await pit.execute("add")).toBe("default");
    expect(await pit.execute("add", {}, { pool: "a" })).toBe("a");
    expect(await pit.pool("a").execute("add")).toBe("a");
    await using only = await Snakepit.start({ ...common(), pools: { b: named("b") } });
    expect(await only.execute("add")).toBe("b");
  });

  test("to a pool that is not there names those that are", async () => {
    const pool = () => ({ worker: fakeWorkers(), size: 1 });
    await using pit = await Snakepit.start({ ...common(), pools: { alpha: pool(), beta: pool() } });
    const error = await failure(pit.execute("add", {}, { pool: "alhpa" }));
    expect(error.code).toBe("UNKNOWN_POOL");
    expect(error.message).toBe('there is no pool "alhpa"; did you mean "alpha"? the pools are alpha, beta');
    expect((await failure(pit.execute("add"))).message).toContain("names no pool");
    expect(() => pit.pool("gamma")).toThrow(SnakepitError);
    expect(() => pit.stream("count", {}, { pool: "gamma" })).toThrow(SnakepitError);
  });

  test.each([[[1]], ["text"], [null], [3], [new Map([["a", 1]])], [new Date(0)], [ndarray(new Uint8Array(1), [1])]])(
    "with the arguments %o is a mistake",
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

  test("what cannot be sent is refused with its path before anything is queued", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1, maxPayloadBytes: 1_024 });
    expect(await failure(pit.execute("add", { a: [() => 1] }))).toMatchObject({
      code: "SERIALIZATION",
      message: expect.stringContaining("args.a[0]"),
    });
    expect((await failure(pit.execute("add", { a: "x".repeat(2_000) }))).code).toBe("PAYLOAD_TOO_LARGE");
    expect(pit.stats().requests).toBe(0);
  });

  test("with a signal that is aborted already is cancelled at once", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(answering(() => {})), size: 1 });
    const call = pit.execute("add", {}, { signal: AbortSignal.abort(new Error("too late")) });
    expect(await failure(call)).toMatchObject({ code: "CANCELLED", cause: { message: "too late" } });
  });

  test("has the deadline of its pool, or its own", async () => {
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

  test("after close is refused", async () => {
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

  test("gives the chunks in order", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(counting()), size: 1 });
    const chunks: number[] = [];
    for await (const chunk of pit.stream<number>("count")) chunks.push(chunk);
    expect(chunks).toEqual([0, 1]);
  });

  test("that is not read makes no call", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(counting()), size: 1 });
    pit.stream("count");
    expect(pit.stats().requests).toBe(0);
  });

  test("that waits too long for a chunk fails", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(answering(() => {})), size: 1 });
    const stream = pit.stream("count", {}, { idleTimeoutMs: 10 });
    expect((await failure(stream.next())).code).toBe("DEADLINE_EXCEEDED");
  });
});

describe("reading a host", () => {
  test("figures come for all pools together and for each", async () => {
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

  test("the configuration holds no secret", async () => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), env: { API_KEY: "hunter2" } });
    expect(JSON.stringify(pit.config)).not.toContain("hunter2");
  });

  test("events are heard", async () => {
    const launcher = answering((call) => call.value(1));
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(launcher), size: 1 });
    const exited = new Promise((resolve) => pit.on("worker.exited", resolve));
    launcher.workers[0]?.crash({ signal: "SIGSEGV" });
    expect(await exited).toMatchObject({ pool: "default", exit: { signal: "SIGSEGV" } });
  });
});

describe("close", () => {
  test("lets active calls finish, and settles those that do not", async () => {
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

  test("may be called again, also to wait for less", async () => {
    const pit = await Snakepit.start({ ...common(), worker: fakeWorkers(answering(() => {})), size: 1 });
    const stuck = failure(pit.execute("add"));
    const patient = pit.close({ graceMs: 3_600_000 });
    await Promise.all([pit.close({ graceMs: 0 }), patient, pit[Symbol.asyncDispose]()]);
    expect((await stuck).code).toBe("SHUTTING_DOWN");
  });

  test("tells whoever asks that something could not be closed, and does so once when it is called twice", async () => {
    const launcher = answering(() => {});
    const pit = await Snakepit.start({ ...common(), worker: fakeWorkers(launcher), size: 1 });
    launcher.close = () => Promise.reject(new Error("it is stuck"));
    // A rejection that nobody handles fails the test run.
    const [first, second] = await Promise.all([failure(pit.close()), failure(pit.close({ graceMs: 0 }))]);
    expect(first.message).toContain("it is stuck");
    expect(second).toBe(first);
  });
});
