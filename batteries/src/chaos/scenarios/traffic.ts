import { expectFailures, expectSuccess, inMs, quantile, successes } from "../expectations.ts";
import type { HostProcess } from "../host/host-process.ts";
import { checkInvariants } from "../invariants.ts";
import { type ScenarioRegistry, sqliteRegistry } from "../registry-rows.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";

async function start(context: ScenarioContext, size: number): Promise<readonly [HostProcess, ScenarioRegistry]> {
  const registry = sqliteRegistry(context.sandbox.registryPath);
  const host = await context.sandbox.startHost();
  await host.call("start", { pools: { default: { size } }, registry: registry.location });
  await host.call("warmUp");
  return [host, registry];
}

/** Floods the host with streams whose readers are slow. */
export const slowReaders: Scenario = {
  name: "slow-readers",
  title: "a flood of streams with slow readers, some of which leave early",
  async run(context) {
    const { checks, seed } = context;
    const [host, registry] = await start(context, 8);
    const streams = context.amount(60, 1_000);
    const size = 64 * 1_024;
    const blocks = 40;
    const { blocks: read, peakMib } = await host.call("readSlowly", { streams, blocks, size }, seed);
    const summary = await host.call("stopLoad");
    expectSuccess(checks, summary, "slow readers");
    // Each of the 8 running streams may be ahead of its reader by a bounded number of chunks. Buffers that are not
    // collected yet count as well.
    const allMib = (streams * blocks * size) / 2 ** 20;
    checks.that(
      "the host does not buffer what slow readers have not read",
      peakMib < Math.min(128, allMib),
      `${peakMib}`,
    );
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${streams} streams`,
      figures: [`${read.toLocaleString("en")} blocks of 64 KiB in order, ${Math.round(peakMib)} MiB at most`],
    };
  },
};

/** Cancels most calls, at random moments. */
export const cancellations: Scenario = {
  name: "cancellations",
  title: "a storm of cancellations of waiting and running calls and streams",
  async run(context) {
    const { checks, seed } = context;
    const [host, registry] = await start(context, 4);
    const calls = context.amount(3_000, 50_000);
    await host.call("cancelCalls", { calls, concurrency: 64 }, seed);
    const summary = await host.call("stopLoad");
    expectFailures(checks, summary, "storm", ["CANCELLED"]);
    const { crashed } = await host.call("workers");
    checks.that("cancellation ends no worker", crashed === 0, String(crashed));
    await checkInvariants(context, host, [registry]);
    const cancelled = summary.outcomes["storm"]?.["CANCELLED"] ?? 0;
    return {
      repetitions: `${calls.toLocaleString("en")} calls`,
      figures: [`${cancelled.toLocaleString("en")} cancelled, ${successes(summary).toLocaleString("en")} answered`],
    };
  },
};

/** Replaces all workers at the same time. */
export const recycleAll: Scenario = {
  name: "recycle-all",
  title: "all workers recycled at the same time under load",
  async run(context) {
    const { checks, seed } = context;
    const size = context.amount(4, 16);
    const [host, registry] = await start(context, size);
    await host.call("load", { plain: 8, slow: 4, streams: 4 }, seed);
    const rounds = context.amount(2, 3);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await host.call("moreAnswers", 100);
      const before = await host.call("workers");
      times.push(await host.call("recycleAll"));
      await host.call("whole", undefined, before.pids);
    }
    const summary = await host.call("stopLoad");
    for (const kind of ["plain", "slow", "streams"]) expectSuccess(checks, summary, kind);
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${rounds * size} workers`,
      figures: [`${size} in ${inMs(quantile(times, 0.5))} at the median`],
    };
  },
};
