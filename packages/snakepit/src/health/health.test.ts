import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import type { HealthCheck, HealthReport } from "@snakepit/core";
import { SnakepitError } from "@snakepit/core";
import { HealthClient, HealthCheckResponse_ServingStatus as Serving } from "@snakepit/gateway/grpc";
import type { FakeCall } from "@snakepit/pool/testing/fake-call";
import type { FakeLaunch } from "@snakepit/pool/testing/fake-launcher";
import { describe, expect, test } from "vitest";
import { type SinglePoolConfig, Snakepit } from "../index.ts";
import { answering, commonOptions, failure, fakeWorkers } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const common = commonOptions();

/** Starts a host with fake workers. Its calls wait for the test. */
async function started({ size = 2, ...config }: Partial<SinglePoolConfig> = {}) {
  const calls: FakeCall[] = [];
  const launcher = answering((call) => calls.push(call));
  const pit = await Snakepit.start({ ...common(), worker: fakeWorkers(launcher), size, ...config });
  await pit.ready();
  return { pit, launcher, calls, [Symbol.asyncDispose]: () => pit.close({ graceMs: 0 }) };
}

function check({ checks }: HealthReport, name: string): HealthCheck | undefined {
  return checks.find((each) => each.name === name);
}

describe("a host with all workers", () => {
  test("is live and ready, with one line for each check", async () => {
    await using host = await started({ health: { timeoutMs: "1m" } });
    const { live, ready, checks } = await host.pit.health();
    expect({ live, ready }).toEqual({ live: true, ready: true });
    expect(checks).toEqual([
      { name: "host", status: "pass", reason: "the host accepts calls", values: {} },
      {
        name: "pool.default.workers",
        status: "pass",
        reason: "2 of 2 workers are ready",
        pool: "default",
        values: { ready: 2, size: 2, minWorkers: 1 },
      },
      {
        name: "pool.default.crashes",
        status: "pass",
        reason: "0 workers have crashed within 60000 ms",
        pool: "default",
        values: { crashes: 0, maxCrashes: 10, crashWindowMs: 60_000 },
      },
      {
        name: "pool.default.queue",
        status: "pass",
        reason: "no call is queued",
        pool: "default",
        values: { queued: 0, delayMs: 0 },
      },
      {
        name: "registry",
        status: "pass",
        reason: "the process registry answers",
        values: { timeoutMs: 60_000, answerMs: expect.any(Number) },
      },
    ]);
  });

  test("waits half a second for an answer of the registry by default", async () => {
    await using host = await started();
    expect(host.pit.config.health.timeoutMs).toBe(500);
  });

  test("rejects unknown options", async () => {
    await using host = await started();
    expect((await failure(host.pit.health({ checks: "none" } as never))).message).toContain('must be "all" or "live"');
    expect((await failure(host.pit.health({ check: "all" } as never))).message).toContain("did you mean checks?");
  });
});

describe("a host is live but not ready", () => {
  test("until all workers of a pool were ready for the first time", async () => {
    const launches: FakeLaunch[] = [];
    const launcher = answering((call) => call.value(null));
    launcher.plan = (launch, index) => (index === 0 ? launch.succeed() : launches.push(launch));
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(launcher), size: 3 });
    await until("the other launches have begun", () => launches.length === 2);
    const report = await pit.health();
    expect(report).toMatchObject({ live: true, ready: false });
    expect(check(report, "pool.default.workers")).toMatchObject({
      status: "fail",
      reason: "the pool is starting; 1 of 3 workers are ready",
    });
    for (const launch of launches) launch.succeed();
    await pit.ready();
    expect((await pit.health()).ready).toBe(true);
  });

  test("while a pool has fewer ready workers than required, and is ready when they are replaced", async () => {
    await using host = await started({ size: 2, health: { minWorkers: 2 } });
    const launches: FakeLaunch[] = [];
    host.launcher.plan = (launch) => launches.push(launch);
    host.launcher.workers[0]?.crash();
    await until("the replacement is starting", () => launches.length > 0);
    const report = await host.pit.health();
    expect(report).toMatchObject({ live: true, ready: false });
    expect(check(report, "pool.default.workers")).toMatchObject({
      status: "fail",
      reason: "1 of 2 workers are ready, at least 2 are required",
      values: { ready: 1, size: 2, minWorkers: 2 },
    });
    launches[0]?.succeed();
    await until("the host is ready", async () => (await host.pit.health()).ready);
  });

  test("while more workers have crashed within the period than allowed", async () => {
    await using host = await started({ health: { maxCrashes: 1, crashWindowMs: "1h" } });
    for (const crashes of [1, 2]) {
      host.launcher.alive[0]?.crash();
      await until("the crash was counted", async () => {
        return check(await host.pit.health(), "pool.default.crashes")?.values["crashes"] === crashes;
      });
    }
    await host.pit.ready();
    const report = await host.pit.health();
    expect(report).toMatchObject({ live: true, ready: false });
    expect(check(report, "pool.default.crashes")).toMatchObject({
      status: "fail",
      reason: "2 workers have crashed within 3600000 ms, at most 1 may",
    });
  });

  test("until the crashes are older than the period", async () => {
    await using host = await started({ health: { maxCrashes: 0, crashWindowMs: 50 } });
    host.launcher.alive[0]?.crash();
    await until("the crash has been forgotten", async () => (await host.pit.health()).ready);
  });

  test("while a call has waited for a worker for too long", async () => {
    const limits = { queueTimeoutMs: "1h", executeTimeoutMs: "1h" } as const;
    await using host = await started({ size: 1, ...limits, health: { maxQueueDelayMs: 1 } });
    const answers = Promise.all([host.pit.execute("add"), host.pit.execute("add")]);
    await until("the call has waited for too long", async () => !(await host.pit.health()).ready);
    expect(check(await host.pit.health(), "pool.default.queue")).toMatchObject({
      status: "fail",
      reason: expect.stringMatching(/queued calls has waited \d+ ms, at most 1 ms are allowed$/),
    });
    void answerAll(host.calls, 2);
    await answers;
    expect((await host.pit.health()).ready).toBe(true);
  });
});

test("a degraded pool with enough workers is a warning, with the cause", async () => {
  await using host = await started({ size: 2, restart: { maxRestarts: 0 }, backoff: { initialMs: 1, maxMs: 1 } });
  host.launcher.plan = (launch) =>
    launch.fail(new SnakepitError("WORKER_START_FAILED", "no more memory\nand more", { startFailure: "temporary" }));
  host.launcher.workers[0]?.crash();
  await until("the pool is degraded", () => host.pit.stats("default").state === "degraded");
  await until("a start has failed", async () => {
    const reason = check(await host.pit.health(), "pool.default.workers")?.reason;
    return reason === "the pool is degraded; 1 of 2 workers are ready: no more memory";
  });
  expect(await host.pit.health()).toMatchObject({ live: true, ready: true });
});

describe("a closing host", () => {
  test("is no longer ready at once, and accepts calls until the delay ends", async () => {
    await using host = await started({ health: { drainDelayMs: "1h" } });
    const closed = host.pit.close();
    const report = await host.pit.health();
    expect(report).toMatchObject({ live: true, ready: false });
    expect(check(report, "host")).toMatchObject({ status: "fail", reason: "the host is closing" });
    const answer = host.pit.execute("add");
    void answerAll(host.calls, 1);
    expect(await answer).toBe("add");
    const again = host.pit.close();
    await host.pit.close({ graceMs: 0 });
    await Promise.all([closed, again]);
    expect((await failure(host.pit.execute("add"))).code).toBe("SHUTTING_DOWN");
  });

  test("notifies gRPC clients that watch its health before it rejects calls", async () => {
    await using host = await started({ health: { drainDelayMs: "1h" } });
    const directory = mkdtempSync(join(tmpdir(), "snakepit-health-"));
    const server = await host.pit.serve({ socketPath: join(directory, "bridge.sock") });
    const client = new HealthClient(server.address, credentials.createInsecure());
    try {
      const watch = client.watch({ service: "pool.default" });
      watch.on("error", () => {});
      const first = await once(watch, "data");
      expect(first).toEqual([{ status: Serving.SERVING }]);
      const next = once(watch, "data");
      const closed = host.pit.close();
      expect(await next).toEqual([{ status: Serving.NOT_SERVING }]);
      const answer = host.pit.execute("add");
      void answerAll(host.calls, 1);
      expect(await answer).toBe("add");
      await host.pit.close({ graceMs: 0 });
      await closed;
    } finally {
      client.close();
      rmSync(directory, { recursive: true });
    }
  });

  test("closes when the delay has passed", async () => {
    await using host = await started({ health: { drainDelayMs: 20 } });
    await host.pit.close();
    expect(await host.pit.health()).toMatchObject({ live: true, ready: false });
  });

  test("is not ready without a delay either, and stays live", async () => {
    await using host = await started();
    const closed = host.pit.close();
    expect(await host.pit.health()).toMatchObject({ live: true, ready: false });
    await closed;
    expect(await host.pit.health()).toMatchObject({ live: true, ready: false });
  });
});

describe("a database that does not answer in time", () => {
  const silent = (requireRegistry: boolean) => {
    const never = new Promise<void>(() => {});
    const done = async () => {};
    let pings = 0;
    const registry = {
      runId: "run-1",
      reserve: done,
      activate: done,
      release: done,
      close: done,
      sweep: async () => ({ hosts: 0, killed: [], rows: 0 }),
      ping: () => {
        pings += 1;
        return never;
      },
    };
    return { config: { registry, health: { timeoutMs: 1, requireRegistry } }, pings: () => pings };
  };

  test.each([
    [false, "warn"],
    [true, "fail"],
  ] as const)("with required: %s has the status %s, and is asked once at a time", async (isRequired, status) => {
    const { config, pings } = silent(isRequired);
    await using host = await started(config);
    const [first, second] = await Promise.all([host.pit.health(), host.pit.health()]);
    const expected = { status, reason: "the process registry does not answer: no answer within 1 ms" };
    expect(check(first, "registry")).toMatchObject(expected);
    expect(check(second, "registry")).toMatchObject(expected);
    expect([first.live, first.ready, pings()]).toEqual([true, !isRequired, 1]);
  });

  test("does not delay a report on whether the host is live", async () => {
    const { config, pings } = silent(true);
    await using host = await started({ ...config, health: { timeoutMs: "1h" } });
    expect(await host.pit.health({ checks: "live" })).toMatchObject({ live: true });
    expect(pings()).toBe(0);
  });

  test("is not asked if a custom registry cannot answer", async () => {
    const { ping: _, ...registry } = silent(true).config.registry;
    await using host = await started({ registry });
    expect(check(await host.pit.health(), "registry")).toBeUndefined();
  });
});

/** Answers the next calls with the names of their tools. */
async function answerAll(calls: FakeCall[], count: number): Promise<void> {
  for (let answered = 0; answered < count; answered++) {
    await until("a call has arrived", () => calls.length > 0);
    const call = calls.shift();
    call?.value(call.tool);
  }
}
