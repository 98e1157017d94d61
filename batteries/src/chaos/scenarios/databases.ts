import { setTimeout as sleep } from "node:timers/promises";
import type { PostgresServer } from "@snakepit/registry/testing/postgres-server";
import { expectFailures, expectRows, expectSuccess, inMs, successes } from "../expectations.ts";
import type { HostProcess } from "../host/host-process.ts";
import { checkInvariants } from "../invariants.ts";
import { signalProcess } from "../processes.ts";
import { postgresqlRegistry, type ScenarioRegistry } from "../registry-rows.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";
import { replaceOne } from "./killed-workers.ts";

const WORKERS = 4;
/** The time in milliseconds after which the rows are correct again. */
const RECONCILED_MS = 5_000;

/** A host whose registry, and on request its store of sessions, is a PostgreSQL database. */
interface HostOnPostgresql {
  readonly server: PostgresServer;
  readonly host: HostProcess;
  readonly registry: ScenarioRegistry;
}

async function startOnPostgresql(context: ScenarioContext, withSessions: boolean): Promise<HostOnPostgresql> {
  const server = await context.postgres();
  const url = await server.createDatabase();
  const registry = postgresqlRegistry(url);
  const host = await context.sandbox.startHost();
  await host.call("start", {
    pools: { default: { size: WORKERS } },
    registry: { url },
    ...(withSessions && { sessions: { store: { url } } }),
  });
  if (withSessions) await warmUpSessions(host, context.seed);
  await host.call("warmUp");
  return { server, host, registry };
}

/** Kills the server of the registry and of the sessions, while workers are killed too. */
export const killDatabase: Scenario = {
  name: "kill-database",
  title: "SIGKILL of the PostgreSQL of registry and sessions under load",
  async run(context) {
    const { checks, seed } = context;
    const { server, host, registry } = await startOnPostgresql(context, true);
    await host.call("load", { plain: 2, idempotent: 2, sessions: 2 }, seed);
    const kills = context.amount(1, 8);
    for (let kill = 0; kill < kills; kill++) {
      await host.call("moreAnswers", 50);
      await server.signal("SIGKILL");
      await replaceOne(context, host);
      await host.call("moreAnswers", 200);
      await server.start();
      await expectRows(checks, host, registry, rowsAreRight(), RECONCILED_MS);
      await expectSessionsWork(context, host);
    }
    const summary = await host.call("stopLoad");
    expectSuccess(checks, summary, "idempotent");
    expectFailures(checks, summary, "plain", ["WORKER_CRASHED"], kills);
    // The variable is read by Python, so that the code of the host is in an exception of the tool.
    expectFailures(checks, summary, "sessions", ["REGISTRY_UNAVAILABLE", "PYTHON_EXCEPTION", "WORKER_CRASHED"]);
    await checkInvariants(context, host, [registry]);
    return { repetitions: `${kills} kills`, figures: [`${successes(summary).toLocaleString("en")} answers`] };
  },
};

/** Stops the processes of the server, so that it accepts connections and does not answer. */
export const pauseDatabase: Scenario = {
  name: "pause-database",
  title: "SIGSTOP and SIGCONT of the PostgreSQL of the registry under load",
  async run(context) {
    const { checks, seed } = context;
    const { server, host, registry } = await startOnPostgresql(context, false);
    await host.call("load", { plain: 2, idempotent: 2 }, seed);
    const pauses = context.amount(1, 4);
    const pauseMs = context.amount(2_000, 20_000);
    for (let pause = 0; pause < pauses; pause++) {
      await server.signal("SIGSTOP");
      await replaceOne(context, host);
      await sleep(pauseMs);
      await server.signal("SIGCONT");
      await expectRows(checks, host, registry, rowsAreRight(), RECONCILED_MS);
    }
    const summary = await host.call("stopLoad");
    expectSuccess(checks, summary, "idempotent");
    expectFailures(checks, summary, "plain", ["WORKER_CRASHED"], pauses);
    await checkInvariants(context, host, [registry]);
    return { repetitions: `${pauses} pauses`, figures: [`at least ${inMs(pauseMs)} each`] };
  },
};

/** Stops the server of the registry under traffic, and kills workers until it is back. */
export const registryOutage: Scenario = {
  name: "registry-outage",
  title: "PostgreSQL of the registry stopped under traffic, workers killed",
  async run(context) {
    const { checks, random, seed } = context;
    const { server, host, registry } = await startOnPostgresql(context, false);
    await host.call("load", { plain: 4, idempotent: 2, slow: 2 }, seed);
    await host.call("moreAnswers", 100);
    const outageMs = context.amount(4_000, 20_000);
    await server.stop();
    const stoppedAt = performance.now();
    await host.call("startGap");
    let kills = 0;
    while (performance.now() - stoppedAt < outageMs) {
      const { pids } = await host.call("workers");
      const victim = random.one(pids);
      if (signalProcess(victim, "SIGKILL")) kills += 1;
      await host.call("whole", undefined, [victim]);
      await sleep(random.next() * 500);
    }
    const { longestGapMs } = await host.call("summary");
    await server.start();
    const backAt = performance.now();
    await expectRows(checks, host, registry, rowsAreRight(), RECONCILED_MS);
    const reconciledMs = performance.now() - backAt;
    const summary = await host.call("stopLoad");
    expectSuccess(checks, summary, "idempotent");
    for (const kind of ["plain", "slow"]) expectFailures(checks, summary, kind, ["WORKER_CRASHED"], kills);
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${kills} kills`,
      figures: [
        `${inMs(outageMs)} without a database, at most ${inMs(longestGapMs)} without an answer`,
        `rows correct after ${inMs(reconciledMs)}`,
      ],
    };
  },
};

function rowsAreRight(): string {
  return `the rows are correct ${RECONCILED_MS / 1_000} s after the database is back`;
}

/** Opens the sessions of the load, and the connections of the store. */
async function warmUpSessions(host: HostProcess, seed: number): Promise<void> {
  // More than the store has connections.
  await host.call(
    "openSessions",
    Array.from({ length: 64 }, (_, index) => `session-${index}`),
  );
  await host.call("load", { sessions: 2 }, seed);
  await host.call("moreAnswers", 200);
  await host.call("stopLoad");
}

async function expectSessionsWork({ checks }: ScenarioContext, host: HostProcess): Promise<void> {
  // Those of the load, which update the same variable without a pause.
  for (const session of ["session-0", "session-1"]) {
    const outcome = await host.call("execute", "visit", {}, { sessionId: session });
    checks.that("sessions continue after the database is back", typeof outcome.value === "number", outcome);
  }
}
