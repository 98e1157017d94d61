import { expectFailures, expectSuccess, inMs, quantile, successes } from "../expectations.ts";
import type { HostProcess } from "../host/host-process.ts";
import { checkInvariants } from "../invariants.ts";
import { signalProcess } from "../processes.ts";
import { type ScenarioRegistry, sqliteRegistry } from "../registry-rows.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";

/** The longest time from the kill of a worker to the next answer, in milliseconds, at the median. */
const NEXT_ANSWER_MS = 50;
const WORKERS = 4;

/** Kills workers of a pool of four, and of a pool of one, whose next answer is from the replacement. */
export const killWorkers: Scenario = {
  name: "kill-workers",
  title: "SIGKILL of workers under load",
  async run(context) {
    const { checks, sandbox, seed } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const host = await sandbox.startHost();
    await host.call("start", { pools: { many: { size: WORKERS }, one: { size: 1 } }, registry: registry.location });
    await host.call("warmUp");
    const kills = context.amount(40, 1_000);
    const half = Math.ceil(kills / 2);
    // One pool after the other: the figures are about a single death, not about two at a time.
    await host.call("load", { pool: "many", plain: 3, idempotent: 3, slow: 2, streams: 1 }, seed);
    const many = await host.call("killWorkers", "many", half, seed);
    await host.call("stopLoad");
    await host.call("load", { pool: "one", idempotent: 2 }, seed);
    const one = await host.call("killWorkers", "one", kills - half, seed);
    const summary = await host.call("stopLoad");
    await host.call("whole");
    for (const pool of ["many", "one"]) expectSuccess(checks, summary, `idempotent@${pool}`);
    for (const kind of ["plain", "slow", "streams"]) {
      expectFailures(checks, summary, `${kind}@many`, ["WORKER_CRASHED"], half);
    }
    // The checks of CI run next to each other, so that the times of the short form are figures only.
    for (const times of context.form === "long" ? [many, one] : []) {
      const median = quantile(times, 0.5);
      const what = `the next answer after a kill takes less than ${NEXT_ANSWER_MS} ms at the median`;
      checks.that(what, median < NEXT_ANSWER_MS, inMs(median));
    }
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${many.length + one.length} kills`,
      figures: [
        `next answer, 4 workers: ${inMs(quantile(many, 0.5))} at the median, ${inMs(quantile(many, 0.99))} p99`,
        `1 worker: ${inMs(quantile(one, 0.5))} at the median, ${inMs(quantile(one, 0.99))} p99`,
        `${successes(summary).toLocaleString("en")} answers`,
      ],
    };
  },
};

/** Kills the zygote, with which all its workers die. */
export const killZygote: Scenario = {
  name: "kill-zygote",
  title: "SIGKILL of the zygote under load",
  async run(context) {
    const { checks, sandbox, seed } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const host = await sandbox.startHost();
    await host.call("start", { pools: { default: { size: WORKERS } }, registry: registry.location });
    await host.call("warmUp");
    await host.call("load", { plain: 3, idempotent: 3, slow: 2 }, seed);
    const kills = context.amount(4, 50);
    const times: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      await host.call("moreAnswers", 50);
      const { pids } = await host.call("workers");
      const killedAt = performance.now();
      signalProcess(await zygoteOf(registry), "SIGKILL");
      await host.call("whole", undefined, pids);
      times.push(performance.now() - killedAt);
    }
    const summary = await host.call("stopLoad");
    expectSuccess(checks, summary, "idempotent");
    const most = kills * WORKERS;
    for (const kind of ["plain", "slow"]) expectFailures(checks, summary, kind, ["WORKER_CRASHED"], most);
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${kills} kills`,
      figures: [`all ${WORKERS} workers replaced in ${inMs(quantile(times, 0.5))} at the median`],
    };
  },
};

/** Returns the process ID of the running zygote of a host with one pool. */
export async function zygoteOf(registry: ScenarioRegistry): Promise<number> {
  const rows = await registry.processes();
  const pid = rows.find(({ role, state }) => role === "zygote" && state === "active")?.pid;
  if (pid === undefined) throw new Error(`the registry has no zygote: ${JSON.stringify(rows)}`);
  return pid;
}

/** Kills one random worker, and resolves when it is replaced. */
export async function replaceOne({ random }: ScenarioContext, host: HostProcess): Promise<void> {
  const { pids } = await host.call("workers");
  const victim = random.one(pids);
  signalProcess(victim, "SIGKILL");
  await host.call("whole", undefined, [victim]);
}
