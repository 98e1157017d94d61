import { setTimeout as sleep } from "node:timers/promises";
import { expectFailures, expectSuccess, inMs, successes } from "../expectations.ts";
import { checkInvariants } from "../invariants.ts";
import { signalProcess } from "../processes.ts";
import { sqliteRegistry } from "../registry-rows.ts";
import type { Scenario } from "../scenario.ts";
import { replaceOne, zygoteOf } from "./killed-workers.ts";

const WORKERS = 4;
/** Shorter than the pauses. */
const HEARTBEATS = { heartbeatIntervalMs: 100, heartbeatTimeoutMs: 1_500 } as const;

/** Stops the host for longer than every time limit of its workers. */
export const pauseHost: Scenario = {
  name: "pause-host",
  title: "SIGSTOP and SIGCONT of the host under load",
  async run(context) {
    const { checks, sandbox, seed } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const host = await sandbox.startHost();
    const pool = { size: WORKERS, ...HEARTBEATS, cancelGraceMs: 1_500 };
    await host.call("start", { pools: { default: pool }, registry: registry.location });
    await host.call("warmUp");
    await host.call("load", { plain: 2, slow: 2, streams: 2, cancelled: 2 }, seed);
    const before = await host.call("workers");
    const pauses = context.amount(1, 3);
    const pauseMs = context.amount(2_500, 10_000);
    for (let pause = 0; pause < pauses; pause++) {
      await host.call("moreAnswers", 50);
      host.signal("SIGSTOP");
      await sleep(pauseMs);
      host.signal("SIGCONT");
      await host.call("moreAnswers", 50);
    }
    // For longer than the time limits, whose wrong decisions would follow.
    await sleep(2 * HEARTBEATS.heartbeatTimeoutMs);
    const after = await host.call("workers");
    checks.that("no worker is lost", String(before.pids) === String(after.pids) && after.crashed === 0, after);
    const summary = await host.call("stopLoad");
    for (const kind of ["plain", "slow", "streams"]) expectSuccess(checks, summary, kind);
    expectFailures(checks, summary, "cancelled", ["CANCELLED"]);
    await checkInvariants(context, host, [registry]);
    return { repetitions: `${pauses} pauses`, figures: [`${inMs(pauseMs)} each, no worker lost`] };
  },
};

/** Stops workers: for a short time, which loses nothing, and until they are replaced. */
export const pauseWorker: Scenario = {
  name: "pause-worker",
  title: "SIGSTOP and SIGCONT of workers under load",
  async run(context) {
    const { checks, random, sandbox, seed } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const host = await sandbox.startHost();
    await host.call("start", { pools: { default: { size: WORKERS, ...HEARTBEATS } }, registry: registry.location });
    await host.call("warmUp");
    await host.call("load", { plain: 3, idempotent: 3 }, seed);
    const pauses = context.amount(2, 10);
    const replaced: number[] = [];
    for (let pause = 0; pause < pauses; pause++) {
      const { pids } = await host.call("workers");
      const short = random.one(pids);
      signalProcess(short, "SIGSTOP");
      await sleep(300);
      signalProcess(short, "SIGCONT");
      await host.call("moreAnswers", 50);
      const unchanged = await host.call("workers");
      checks.that("a worker that was stopped for less than its time-out stays", unchanged.pids.includes(short), {
        short,
        ...unchanged,
      });
      const long = random.one(unchanged.pids);
      signalProcess(long, "SIGSTOP");
      const stoppedAt = performance.now();
      await host.call("whole", undefined, [long]);
      replaced.push(performance.now() - stoppedAt);
      checks.that("a worker that stays stopped is killed", !host.processes().includes(long), long);
    }
    const summary = await host.call("stopLoad");
    expectSuccess(checks, summary, "idempotent");
    expectFailures(checks, summary, "plain", ["WORKER_HUNG"], pauses);
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${2 * pauses} pauses`,
      figures: [
        `time-out ${inMs(HEARTBEATS.heartbeatTimeoutMs)}, replaced after ${inMs(Math.max(...replaced))} at most`,
      ],
    };
  },
};

/** Stops the zygote while a worker has to be replaced. */
export const pauseZygote: Scenario = {
  name: "pause-zygote",
  title: "SIGSTOP and SIGCONT of the zygote under load",
  async run(context) {
    const { checks, random, sandbox, seed } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const host = await sandbox.startHost();
    await host.call("start", { pools: { default: { size: WORKERS } }, registry: registry.location });
    await host.call("warmUp");
    await host.call("load", { plain: 3, idempotent: 3 }, seed);
    const pauses = context.amount(2, 10);
    const before = await zygoteOf(registry);
    for (let pause = 0; pause < pauses; pause++) {
      signalProcess(before, "SIGSTOP");
      const { pids } = await host.call("workers");
      const victim = random.one(pids);
      signalProcess(victim, "SIGKILL");
      await host.call("moreAnswers", 200);
      await sleep(context.amount(500, 3_000));
      signalProcess(before, "SIGCONT");
      await host.call("whole", undefined, [victim]);
    }
    checks.that("the zygote is the same", (await zygoteOf(registry)) === before);
    await replaceOne(context, host);
    const summary = await host.call("stopLoad");
    expectSuccess(checks, summary, "idempotent");
    expectFailures(checks, summary, "plain", ["WORKER_CRASHED"], pauses + 1);
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${pauses} pauses`,
      figures: [`the other workers continue: ${successes(summary).toLocaleString("en")} answers`],
    };
  },
};
