// Measures one row of one contestant, in a process with nothing else in it, and prints the outcome as a line of JSON.
// It ends when its stdin does, and its workers with it. Arguments: row, contestant, seconds.
import { competitor } from "./contestants.ts";
import { type Measured, measureRow, peerRow } from "./rows.ts";

const [rowId = "", name = "", seconds = ""] = process.argv.slice(2);
process.stdin.on("end", () => process.exit(1)).resume();

let outcome: Measured | { readonly failure: string };
try {
  const row = peerRow(rowId);
  await using contestant = await competitor(name).start(row.workers);
  await contestant.ready?.();
  outcome = await measureRow(row, contestant, Number(seconds));
} catch (error) {
  outcome = { failure: error instanceof Error ? error.message : String(error) };
}
process.stdout.write(`${JSON.stringify(outcome)}\n`);
process.stdin.destroy();
