import { setTimeout as sleep } from "node:timers/promises";
import { inMs, quantile } from "../expectations.ts";
import type { HostProcess } from "../host/host-process.ts";
import { checkInvariants } from "../invariants.ts";
import { eventually } from "../processes.ts";
import { postgresqlRegistry, type ScenarioRegistry, sqliteRegistry } from "../registry-rows.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";

/** The longest time that a process may survive its host, in milliseconds. */
const SURVIVAL_MS = 2_000;
const WORKERS = 3;
/** Kills hosts at random moments, also while they start. */
export const killHost: Scenario = {
  name: "kill-host",
  title: "SIGKILL of the host at a random moment under load",
  async run(context) {
    const kills = context.amount(8, 300);
    const survivals: number[] = [];
    const url = await (await context.postgres()).createDatabase();
    // Two hosts are killed at the same time, each with its own registry.
    const lanes = [sqliteRegistry(context.sandbox.registryPath), postgresqlRegistry(url)] as const;
    await Promise.all(
      lanes.map(async (registry, lane) => {
        for (let kill = lane; kill < kills; kill += lanes.length)
          survivals.push(await killOne(context, registry, kill));
      }),
    );
    const [registry, other] = lanes;
    const sweeper = await startHost(context, other);
    await sweeper.call("close");
    await sweeper.leave();
    const last = await startHost(context, registry);
    await checkInvariants(context, last, lanes);
    return {
      repetitions: `${survivals.length} kills`,
      figures: [
        `no process after ${inMs(quantile(survivals, 0.5))} at the median, ${inMs(Math.max(...survivals))} at most`,
      ],
    };
  },
};

/** Resolves with the milliseconds until no process of the killed host was left. */
async function killOne(context: ScenarioContext, registry: ScenarioRegistry, kill: number): Promise<number> {
  const { checks, random, sandbox, seed } = context;
  const moment = random.next();
  let host: HostProcess;
  if (kill % 5 === 4) {
    // During the start.
    host = await sandbox.startHost();
    host.call("start", { pools: pools(), registry: registry.location }).catch(() => {});
    await sleep(moment * 500);
  } else {
    host = await startHost(context, registry);
    const rows = { hosts: await registry.hosts(), processes: (await registry.processes()).length };
    checks.that(
      "the next host removes the rows of a killed one",
      rows.hosts === 1 && rows.processes === WORKERS + 1,
      rows,
    );
    await host.call("load", { plain: 2, slow: 2, streams: 2, cancelled: 2 }, seed + kill);
    await host.call("moreAnswers", 10);
    await sleep(moment * 300);
  }
  host.signal("SIGKILL");
  const killedAt = performance.now();
  const isGone = await eventually(() => host.processes().length === 0, SURVIVAL_MS);
  checks.that(`no process survives its host by ${SURVIVAL_MS / 1_000} s`, isGone, host.processes());
  return performance.now() - killedAt;
}

async function startHost({ sandbox }: ScenarioContext, registry: ScenarioRegistry): Promise<HostProcess> {
  const host = await sandbox.startHost();
  await host.call("start", { pools: pools(), registry: registry.location });
  return host;
}

function pools() {
  return { default: { size: WORKERS } };
}
