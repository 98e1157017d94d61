import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectFailures, expectSuccess, inMs, quantile } from "../expectations.ts";
import { checkInvariants } from "../invariants.ts";
import { signalProcess } from "../processes.ts";
import { sqliteRegistry } from "../registry-rows.ts";
import type { Scenario } from "../scenario.ts";

/** Kills workers whose set-up takes long, also during their set-up. */
export const slowStart: Scenario = {
  name: "slow-start",
  title: "workers with a slow set-up are killed under load, also during the set-up",
  async run(context) {
    const { checks, random, sandbox, seed } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const setupSeconds = context.amount(0.3, 1);
    const host = await sandbox.startHost({ CHAOS_SETUP_SECONDS: String(setupSeconds) });
    const startMs = await host.call("start", { pools: { default: { size: 4 } }, registry: registry.location });
    await host.call("warmUp");
    await host.call("load", { plain: 2, idempotent: 4 }, seed);
    const rounds = context.amount(3, 30);
    for (let round = 0; round < rounds; round++) {
      const { pids } = await host.call("workers");
      for (const pid of pids) signalProcess(pid, "SIGKILL");
      // The replacements, which are in their set-up.
      await new Promise((resolve) => setTimeout(resolve, random.next() * 1_000 * setupSeconds));
      const known = new Set([...pids, host.pid]);
      for (const { role, pid } of await registry.processes()) {
        if (role !== "worker" || pid === undefined || known.has(pid)) continue;
        if (random.next() < 0.5) signalProcess(pid, "SIGKILL");
      }
      await host.call("whole", undefined, pids);
    }
    const summary = await host.call("stopLoad");
    expectFailures(checks, summary, "plain", ["WORKER_CRASHED", "POOL_NOT_READY", "WORKER_START_FAILED"]);
    expectFailures(checks, summary, "idempotent", ["POOL_NOT_READY", "WORKER_START_FAILED"]);
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${rounds} rounds`,
      figures: [`set-up ${setupSeconds} s, start of 4 workers ${inMs(startMs)}`],
    };
  },
};

/** Starts a large pool, and calls it. */
export const herd: Scenario = {
  name: "herd",
  title: "a herd of workers starts, answers and ends",
  async run(context) {
    const { checks, sandbox, seed } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const size = context.amount(250, 1_000);
    const host = await sandbox.startHost();
    const startMs = await host.call("start", { pools: { default: { size } }, registry: registry.location });
    const { pids } = await host.call("workers");
    checks.that("all workers are running", new Set(pids).size === size, `${pids.length}`);
    const rows = (await registry.processes()).filter(({ state }) => state === "active");
    checks.that("each process has a row", rows.length === size + 1, `${rows.length} rows`);
    await host.call("load", { slow: size }, seed);
    await host.call("moreAnswers", 4 * size);
    const summary = await host.call("stopLoad");
    expectSuccess(checks, summary, "slow");
    const closingAt = performance.now();
    await checkInvariants(context, host, [registry]);
    const closeMs = performance.now() - closingAt;
    return {
      repetitions: `${size} workers`,
      figures: [`ready after ${inMs(startMs)}`, `closed and checked in ${inMs(closeMs)}`],
    };
  },
};

/** Starts and closes a host many times in one process. */
export const startStop: Scenario = {
  name: "start-stop",
  title: "a host starts and closes many times in one process",
  async run(context) {
    const { sandbox } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const host = await sandbox.startHost();
    const rounds = context.amount(15, 100);
    const setup = { pools: { default: { size: 2 } }, registry: registry.location };
    const times = await host.call("startAndStop", setup, rounds);
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${rounds} rounds`,
      figures: [`${inMs(quantile(times, 0.5))} at the median, ${inMs(Math.max(...times))} at most`],
    };
  },
};

/** A pool that cannot start, and a pool that can no longer start, next to a healthy one. */
export const brokenPool: Scenario = {
  name: "broken-pool",
  title: "a pool that can never start next to a healthy one",
  async run(context) {
    const { checks, sandbox, seed } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const file = join(sandbox.directory, "state/never.py");
    writeFileSync(file, 'raise RuntimeError("this module never loads")\n');
    const rejected = await sandbox.startHost();
    const failed = await rejected.call("failToStart", {
      pools: { healthy: { size: 2 }, broken: { size: 2, file, restart: { maxRestarts: 3 } } },
      registry: registry.location,
    });
    checks.that(
      "a host with a pool that can never start rejects, and names the cause",
      failed.code === "WORKER_START_FAILED" && (failed.message ?? "").includes("this module never loads"),
      failed,
    );
    await checkInvariants(context, rejected, [registry]);

    const fault = join(sandbox.directory, "state/fault");
    const host = await sandbox.startHost();
    const broken = { size: 2, restart: { maxRestarts: 3 }, env: { CHAOS_FAULT: fault } };
    await host.call("start", { pools: { healthy: { size: 2 }, broken }, registry: registry.location });
    await host.call("warmUp");
    await host.call("load", { pool: "healthy", plain: 2, idempotent: 2 }, seed);
    await host.call("load", { pool: "broken", plain: 2 }, seed);
    await host.call("moreAnswers", 100);
    writeFileSync(fault, "");
    const { pids } = await host.call("workers", "broken");
    for (const pid of pids) signalProcess(pid, "SIGKILL");
    await host.call("failedStartsAbove", context.amount(5, 50));
    const during = await host.call("workers", "broken");
    checks.that("a pool that cannot start is degraded", during.state === "degraded", during.state);
    await host.call("moreAnswers", 200);
    await host.call("removeFile", fault);
    await host.call("whole", "broken", pids);
    const summary = await host.call("stopLoad");
    for (const kind of ["plain", "idempotent"]) expectSuccess(checks, summary, `${kind}@healthy`);
    expectFailures(checks, summary, "plain@broken", ["WORKER_CRASHED", "POOL_NOT_READY", "WORKER_START_FAILED"]);
    const { failedStarts } = await host.call("workers", "broken");
    await checkInvariants(context, host, [registry]);
    return { repetitions: `${failedStarts} failed starts`, figures: ["the healthy pool answers every call"] };
  },
};
