import { writeFileSync } from "node:fs";
import type { PeersCommand } from "../command-line.ts";
import { describeMachine } from "../machine.ts";
import { digits } from "../table.ts";
import { type ComparedRow, compare, type Round, rotated } from "./comparison.ts";
import { type Competitor, competitor, PEERS, SNAKEPIT } from "./contestants.ts";
import { installPeers } from "./installation.ts";
import { Interruption } from "./interruption.ts";
import { idealWorkRate, measureContestant, type Outcome } from "./measurement.ts";
import { formatComparison, formatMarkdown, IDEAL, peerFigures } from "./report.ts";
import { PEER_ROWS, type PeerRow, peerRow } from "./rows.ts";

/** The row that is compared with its ideal, too. */
const ROW_WITH_IDEAL: PeerRow["id"] = "cpu-2ms-4x32";

/** Compares Snakepit with its peers in several rounds, and prints and writes what was asked for. */
export async function comparePeers(command: PeersCommand): Promise<void> {
  const { rows: ids, peers: names, rounds, seconds, json, markdown } = command;
  const rows = ids.length > 0 ? ids.map(peerRow) : PEER_ROWS;
  const peers = names.length > 0 ? names.map(competitor).filter((peer) => peer !== SNAKEPIT) : PEERS;
  using interruption = new Interruption();
  const unavailable = await installPeers(peers, interruption.signal);
  const machine = await describeMachine();
  const measured = new Map<PeerRow, Round[]>(rows.map((row) => [row, []]));
  for (let round = 0; round < rounds; round++) {
    for (const row of rows) {
      console.error(`round ${round + 1} of ${rounds}: ${row.id}`);
      const contestants = rotated([SNAKEPIT, ...peers], round);
      measured.get(row)?.push(await measureRound(row, contestants, seconds, unavailable, interruption.signal));
    }
  }
  const compared: ComparedRow[] = rows.map((row) => compare(row, SNAKEPIT.name, measured.get(row) ?? []));
  console.log(formatComparison(machine, compared));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(peerFigures(machine, compared), null, 2)}\n`);
  if (markdown !== undefined) writeFileSync(markdown, formatMarkdown(machine, compared, rounds));
  const failed = compared.find(({ missing }) => missing.some(({ peer }) => peer === SNAKEPIT.name));
  if (failed !== undefined) throw new Error(`Snakepit could not be measured in the row ${failed.row.id}`);
}

async function measureRound(
  row: PeerRow,
  contestants: readonly Competitor[],
  seconds: number,
  unavailable: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Round> {
  const outcomes = new Map<string, Outcome>();
  for (const contestant of contestants) {
    const reason = unavailable.get(contestant.name);
    const outcome =
      reason === undefined ? await measureContestant(row, contestant, seconds, signal) : { failure: reason };
    outcomes.set(contestant.name, outcome);
    console.error(
      `  ${contestant.name}: ${"failure" in outcome ? outcome.failure : `${digits(outcome.value)} ${row.unit}`}`,
    );
  }
  if (row.id === ROW_WITH_IDEAL) outcomes.set(IDEAL, { value: await idealWorkRate(row.workers) });
  return outcomes;
}
