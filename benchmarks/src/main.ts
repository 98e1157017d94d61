import { writeFileSync } from "node:fs";
import { parseCommand } from "./command-line.ts";
import { describeMachine, formatMachine } from "./machine.ts";
import { comparePeers } from "./peers/compare-peers.ts";
import { arrayRows } from "./rows/arrays.ts";
import { chunkRows } from "./rows/chunks.ts";
import { cpuBoundRows } from "./rows/cpu-bound.ts";
import { dashboardRows } from "./rows/dashboard.ts";
import { eventRows } from "./rows/events.ts";
import { fairnessRows } from "./rows/fairness.ts";
import { firstResultRows } from "./rows/first-result.ts";
import { latencyRows } from "./rows/latency.ts";
import { mapRows } from "./rows/map.ts";
import { metricsRows } from "./rows/metrics.ts";
import { patternRows } from "./rows/patterns.ts";
import { profileRows } from "./rows/profiles.ts";
import { recoveryRows } from "./rows/recovery.ts";
import { recyclingRows } from "./rows/recycling.ts";
import { requestRows } from "./rows/requests.ts";
import { sessionRows } from "./rows/sessions.ts";
import { slowConsumerRows } from "./rows/slow-consumer.ts";
import { startUpRows } from "./rows/start-up.ts";
import { throughputRows } from "./rows/throughput.ts";
import { ScratchDirectory } from "./scratch-directory.ts";
import type { Row } from "./table.ts";
import { formatTable } from "./table.ts";

const GROUPS: Readonly<Record<string, () => Promise<Row[]>>> = {
  latency: latencyRows,
  throughput: throughputRows,
  "cpu-bound": cpuBoundRows,
  fairness: fairnessRows,
  chunks: chunkRows,
  arrays: arrayRows,
  "start-up": startUpRows,
  "first-result": firstResultRows,
  "slow-consumer": slowConsumerRows,
  requests: requestRows,
  sessions: sessionRows,
  patterns: patternRows,
  profiles: profileRows,
  recycling: recyclingRows,
  recovery: recoveryRows,
  map: mapRows,
  dashboard: dashboardRows,
  events: eventRows,
  metrics: metricsRows,
};

const command = parseCommand(process.argv.slice(2), Object.keys(GROUPS));
switch (command.is) {
  case "help":
    console.log(command.usage);
    break;
  case "floors":
    await compareFloors(command.groups, command.json);
    break;
  case "peers": {
    await using _ = ScratchDirectory.open();
    await comparePeers(command);
    break;
  }
  default:
    command satisfies never;
}

async function compareFloors(names: readonly string[], json: string | undefined): Promise<void> {
  await using _ = ScratchDirectory.open();
  const machine = await describeMachine();
  const rows: Row[] = [];
  for (const name of names) {
    console.error(`measuring ${name} …`);
    rows.push(...((await GROUPS[name]?.()) ?? []));
  }
  console.log(`${formatMachine(machine)}\n\n${formatTable(rows)}`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
}
