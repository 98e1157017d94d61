import { randomInt } from "node:crypto";
import { type PostgresServer, startPostgresServer } from "@snakepit/registry/testing/postgres-server";
import { parseCommand } from "./command-line.ts";
import { describeMachine, formatReport, formatTable } from "./report.ts";
import { runScenario, type ScenarioReport } from "./run-scenario.ts";
import { SCENARIOS } from "./scenarios/index.ts";

try {
  const names = SCENARIOS.map(({ name }) => name);
  const command = parseCommand(process.argv.slice(2), names, randomInt(1_000_000));
  if (command.is === "help") console.log(command.usage);
  else if (process.platform !== "linux") console.log("skipped: the chaos battery requires Linux");
  else await runBattery(command.form, command.scenarios, command.seed, command.repeat);
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 2;
}

async function runBattery(
  form: "short" | "long",
  names: readonly string[],
  seed: number,
  repeat: number,
): Promise<void> {
  const startedAt = performance.now();
  const reports: ScenarioReport[] = [];
  let server: Promise<PostgresServer> | undefined;
  const postgres = () => {
    // A server that is killed loses commits that it has not written.
    server ??= startPostgresServer({ durable: true });
    return server;
  };
  const closePostgres = async () => {
    const running = await server;
    server = undefined;
    await running?.signal("SIGCONT");
    await running?.close();
  };
  console.log(`chaos battery, ${form} form, seed ${seed}\n${describeMachine()}\n`);
  try {
    for (const scenario of SCENARIOS.filter(({ name }) => names.includes(name))) {
      for (let round = 0; round < repeat; round++) {
        const report = await runScenario(scenario, form, seed + round, postgres);
        console.log(formatReport(report));
        reports.push(report);
        // A scenario that could not continue may have left it stopped.
        if (report.result === "failed") await closePostgres();
      }
    }
  } finally {
    await closePostgres();
  }
  console.log(`\n${formatTable(reports)}\n`);
  const [passed, failed, skipped] = (["passed", "failed", "skipped"] as const).map(
    (result) => reports.filter((each) => each.result === result).length,
  );
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  console.log(`seed ${seed}, ${seconds} s: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (failed !== 0) process.exitCode = 1;
}
