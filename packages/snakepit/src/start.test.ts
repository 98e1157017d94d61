import { dirname } from "node:path";
import { type ProcessRegistry, SnakepitError, type SweepReport } from "@snakepit/core";
import { FakeLauncher } from "@snakepit/pool/testing/fake-launcher";
import { describe, expect, test } from "vitest";
import { Snakepit } from "./snakepit.ts";
import { answering, commonOptions, failure, fakeWorkers } from "./testing/host-under-test.ts";

const common = commonOptions();
const directory = () => dirname(common().registry.path);

/** A registry that stores nothing, with some methods replaced. */
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
  return new SnakepitError("WORKER_START_FAILED", "no module named torch", { startFailure: "permanent" });
}

describe("start", () => {
  test("resolves with a host whose pool has a worker", async () => {
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
    expect(pit.stats()).toMatchObject({ size: 2, workers: 1, starting: 1 });
    expect((await failure(pit.ready({ timeoutMs: 10 }))).code).toBe("POOL_NOT_READY");
    launcher.launches[1]?.succeed();
    await pit.ready();
    expect(pit.workers()).toHaveLength(2);
  });

  test("waits for all workers on request", async () => {
    const launcher = new FakeLauncher({}, (launch, index) => {
      if (index === 0) launch.succeed();
    });
    const config = { ...common(), worker: fakeWorkers(launcher), size: 2 };
    let isReady = false;
    const starting = Snakepit.start(config, { waitForWorkers: "all" }).finally(() => {
      isReady = true;
    });
    while (launcher.launches.length < 2) await new Promise(setImmediate);
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    expect(isReady).toBe(false);
    launcher.launches[1]?.succeed();
    await using pit = await starting;
    expect(pit.workers()).toHaveLength(2);
  });

  test("rejects when it waits for all workers and one cannot start, and leaves nothing running", async () => {
    const launcher = new FakeLauncher({}, (launch, index) => {
      if (index === 0) launch.succeed();
      else launch.fail(startError());
    });
    const config = { ...common(), worker: fakeWorkers(launcher), size: 2 };
    const error = await failure(Snakepit.start(config, { waitForWorkers: "all" }));
    expect(error).toMatchObject({ code: "WORKER_START_FAILED", message: "no module named torch" });
    expect(launcher.alive).toEqual([]);
  });

  test("can be cancelled while it waits for all workers", async () => {
    const launcher = new FakeLauncher({}, (launch, index) => {
      if (index === 0) launch.succeed();
    });
    const abort = new AbortController();
    const config = { ...common(), worker: fakeWorkers(launcher), size: 2 };
    const failed = failure(Snakepit.start(config, { waitForWorkers: "all", signal: abort.signal }));
    while (launcher.launches.length < 2) await new Promise(setImmediate);
    abort.abort();
    expect((await failed).code).toBe("CANCELLED");
    expect(launcher.alive).toEqual([]);
  });

  test.each([
    [{ waitForWorkers: true }, 'waitForWorkers must be "first" or "all"; got true'],
    [{ waitForWorker: "all" }, "did you mean waitForWorkers?"],
  ])("rejects the options %o", async (options, message) => {
    const config = { ...common(), worker: fakeWorkers() };
    const error = await failure(Snakepit.start(config, options as never));
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toContain(message);
    expect((await failure(Snakepit.run(() => {}, config, options as never))).message).toContain(message);
  });

  test("passes the configuration to the launchers", async () => {
    const workers = fakeWorkers();
    const config = {
      ...common(),
      worker: workers,
      env: { A: "1" },
      startTimeoutMs: "7s",
      maxPayloadBytes: 4_096,
    } as const;
    await using pit = await Snakepit.start({ ...config, socketDirectory: directory() });
    expect(workers.created[0]).toMatchObject({
      options: { pool: "default", startTimeoutMs: 7_000, heartbeatIntervalMs: 2_000, env: { A: "1" } },
      host: { runId: pit.runId, maxPayloadBytes: 4_096, socketDirectory: directory() },
    });
  });

  test("a pool that cannot start a worker rejects the start with its error, and all pools are closed", async () => {
    const [good, bad] = [answering(() => {}), new FakeLauncher({}, (launch) => launch.fail(startError()))];
    const pools = { good: { worker: fakeWorkers(good) }, bad: { worker: fakeWorkers(bad) } };
    const error = await failure(Snakepit.start({ ...common(), pools }));
    expect(error).toMatchObject({ code: "WORKER_START_FAILED", message: "no module named torch", pool: "bad" });
    expect(good.closed).toBe(1);
    expect(bad.closed).toBe(1);
  });

  test("a launcher that fails to close hides neither the error nor a launcher that is created later", async () => {
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

  test("a launcher that cannot be created rejects the start with its error, and the others are closed", async () => {
    const good = answering(() => {});
    const bad = { ...fakeWorkers(), createLauncher: () => Promise.reject(startError()) };
    const pools = { bad: { worker: bad }, good: { worker: fakeWorkers(good) } };
    expect((await failure(Snakepit.start({ ...common(), pools }))).message).toBe("no module named torch");
    expect(good.closed).toBe(1);
  });

  test("deferred clean-up of launchers runs after a failed start", async () => {
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

  test("an aborted start rejects and closes everything that it opened", async () => {
    const controller = new AbortController();
    const launcher = new FakeLauncher({}, () => controller.abort(new Error("changed my mind")));
    const start = Snakepit.start({ ...common(), worker: fakeWorkers(launcher) }, { signal: controller.signal });
    expect(await failure(start)).toMatchObject({ code: "CANCELLED", cause: { message: "changed my mind" } });
    expect(launcher.closed).toBe(1);
  });

  test("a start that is aborted between the first worker and the end of the sweep rejects", async () => {
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

  test("a registry that is unavailable fails the start when a process requires it", async () => {
    const workers = fakeWorkers();
    const createLauncher: typeof workers.createLauncher = async (host, options) => {
      await host.registry.reserve([{ workerId: "w", pool: options.pool, role: "worker" }]);
      return workers.createLauncher(host, options);
    };
    const config = { logger: false, worker: { ...workers, createLauncher }, registry: { path: directory() } } as const;
    const error = await failure(Snakepit.start(config));
    expect(error.code).toBe("REGISTRY_UNAVAILABLE");
    expect(error.message).toContain(directory());
  });

  test("an invalid configuration starts no process", async () => {
    const workers = fakeWorkers();
    expect((await failure(Snakepit.start({ ...common(), worker: workers, size: 0 }))).code).toBe("INVALID_CONFIG");
    expect(workers.created).toEqual([]);
  });

  test("several hosts in one process share nothing", async () => {
    const config = () => ({ ...common(), worker: fakeWorkers(), size: 1 });
    const [one, other] = await Promise.all([Snakepit.start(config()), Snakepit.start(config())]);
    expect(one.runId).not.toBe(other.runId);
    await one.close();
    expect(await other.execute("add")).toBe("add");
    await other.close();
  });

  test("a custom registry is swept, and stays open when the host closes", async () => {
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

  test("closed hosts leave no listener on the process", async () => {
    const listeners = () => process.eventNames().reduce((count, name) => count + process.listenerCount(name), 0);
    const before = listeners();
    for (let round = 0; round < 12; round++) {
      await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1 });
      await pit.execute("add");
    }
    expect(listeners()).toBe(before);
  });
});
