import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { arrayRows } from "./rows/arrays.ts";
import { chunkRows } from "./rows/chunks.ts";
import { firstResultRows } from "./rows/first-result.ts";
import { latencyRows } from "./rows/latency.ts";
import { patternRows } from "./rows/patterns.ts";
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
  chunks: chunkRows,
  arrays: arrayRows,
  "start-up": startUpRows,
  "first-result": firstResultRows,
  "slow-consumer": slowConsumerRows,
  requests: requestRows,
  sessions: sessionRows,
  patterns: patternRows,
};

const HELP = `Usage: npm run bench -- [--only GROUP]... [--json FILE]

Measures Snakepit and, in the same run, the floor under each figure, and prints one table.
Groups: ${Object.keys(GROUPS).join(", ")}`;

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true }, json: { type: "string" }, help: { type: "boolean" } },
});

if (values.help === true) {
  console.log(HELP);
} else {
  await run(values.only ?? Object.keys(GROUPS), values.json);
}

async function run(names: readonly string[], json: string | undefined): Promise<void> {
  await using _ = ScratchDirectory.open();
  const rows: Row[] = [];
  for (const name of names) {
    const measure = GROUPS[name];
    if (measure === undefined) throw new Error(`unknown group "${name}"\n${HELP}`);
    console.error(`measuring ${name} …`);
    rows.push(...(await measure()));
  }
  console.log(formatTable(rows));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
}
