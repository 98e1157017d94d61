// The check `cost`: fails if a small call costs much more processor time than recorded in `call-cost.json`. With
// `--record`, records what it costs now.
import { parseArgs } from "node:util";
import { describeMachine, formatMachine } from "../machine.ts";
import { ScratchDirectory } from "../scratch-directory.ts";
import { type MeasuredCost, measureCallCost } from "./measure-call-cost.ts";
import { exceededSides, formatCost, lowestCost, readRecordedCost, writeRecordedCost } from "./recorded-cost.ts";

/**
 * A measurement above the bound is repeated: a change that costs more exceeds it every time. The recorded one is the
 * lowest of as many.
 */
const ATTEMPTS = 3;

const { values } = parseArgs({ options: { record: { type: "boolean", default: false } } });
await using _ = ScratchDirectory.open();
if (values.record) await record();
else await check();

async function record(): Promise<void> {
  const measured: MeasuredCost[] = [];
  while (measured.length < ATTEMPTS) measured.push(await measureCallCost());
  writeRecordedCost(lowestCost(measured), formatMachine(await describeMachine()).replace("\n", "; "));
}

async function check(): Promise<void> {
  const recorded = readRecordedCost();
  let measured: MeasuredCost | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    measured = await measureCallCost();
    console.log(formatCost(measured, recorded));
    if (exceededSides(measured, recorded).length === 0) return;
  }
  console.error(
    `a small call costs more than ${recorded.room} times what benchmarks/call-cost.json records; if the change is worth it, run "npm run exec -- node benchmarks/src/call-cost/main.ts --record" and commit the file`,
  );
  process.exitCode = 1;
}
