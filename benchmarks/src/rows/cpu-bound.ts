import { type IdealRun, IdealWork } from "../floor/ideal-work.ts";
import { roundsRow } from "../measure/call-times.ts";
import { rotated } from "../peers/comparison.ts";
import { measureRow, type PeerRowId, peerRow, WORK_MS } from "../peers/rows.ts";
import { SnakepitContestant } from "../peers/snakepit.ts";
import type { Row } from "../table.ts";

const ID: PeerRowId = "cpu-2ms-4x32";
const ROUNDS = 6;
const SECONDS = 2;

/** What was measured in one round. The processor time is that of the host and of the workers together. */
type Round = Readonly<Record<"ideal" | "auto" | "zero", IdealRun>>;

/**
 * CPU-bound tools with calls ahead and without them. The floor is the ideal: as many processes that run the same
 * function without calls. All three alternate, and each is first in turn, so that other load affects them alike.
 */
export async function cpuBoundRows(): Promise<Row[]> {
  const { workers } = peerRow(ID);
  await using ideal = await IdealWork.start(workers, WORK_MS);
  await using auto = await SnakepitContestant.start(workers);
  await using zero = await SnakepitContestant.start(workers, { prefetch: 0 });
  await Promise.all([auto.ready(), zero.ready()]);
  const measures: Readonly<Record<keyof Round, () => Promise<IdealRun>>> = {
    ideal: () => ideal.run(SECONDS),
    auto: () => callsOf(auto),
    zero: () => callsOf(zero),
  };
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const measured: { -readonly [Name in keyof Round]?: IdealRun } = {};
    for (const name of rotated(["ideal", "auto", "zero"] as const, round)) measured[name] = await measures[name]();
    rounds.push(measured as Round);
  }
  const compared = (id: string, unit: string, of: keyof IdealRun, value: keyof Round, floor: keyof Round) =>
    roundsRow(
      id,
      unit,
      rounds.map((round) => ({ value: round[value][of], floor: round[floor][of] })),
    );
  return [
    compared(ID, "calls/s", "rate", "auto", "ideal"),
    compared(`${ID}-prefetch-0`, "calls/s", "rate", "zero", "ideal"),
    compared(`${ID}-auto-vs-0`, "calls/s", "rate", "auto", "zero"),
    compared(`${ID}-processor-time`, "ms", "processorMs", "auto", "ideal"),
  ];
}

async function callsOf(contestant: SnakepitContestant): Promise<IdealRun> {
  const { value, cpu } = await measureRow(peerRow(ID), contestant, SECONDS);
  return { rate: value, processorMs: cpu === undefined ? Number.NaN : (cpu.host + cpu.workers) / 1_000 };
}
