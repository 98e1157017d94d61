import { IdealWork } from "../floor/ideal-work.ts";
import { roundsRow, throughput } from "../measure/call-times.ts";
import { rotated } from "../peers/comparison.ts";
import { WORK_MS } from "../peers/rows.ts";
import { SnakepitContestant } from "../peers/snakepit.ts";
import type { Row } from "../table.ts";

const WORKERS = 4;
const CALLERS = 32;
const ROUNDS = 6;
const ROUND_SECONDS = 2;
const ID = `cpu-${WORK_MS}ms-${WORKERS}x${CALLERS}`;

/** Runs per second of one round. */
interface Rates {
  ideal: number;
  auto: number;
  zero: number;
}

/**
 * CPU-bound tools with calls ahead and without them. The floor is the ideal: as many processes that run the same
 * function without calls. All three alternate, and each is first in turn, so that other load affects them alike.
 */
export async function cpuBoundRows(): Promise<Row[]> {
  await using ideal = await IdealWork.start(WORKERS, WORK_MS);
  await using auto = await SnakepitContestant.start(WORKERS);
  await using zero = await SnakepitContestant.start(WORKERS, { prefetch: 0 });
  await Promise.all([auto.ready(), zero.ready()]);
  const rounds: Rates[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const rates: Rates = { ideal: 0, auto: 0, zero: 0 };
    for (const each of rotated(["ideal", "auto", "zero"] as const, round)) {
      rates[each] = each === "ideal" ? await ideal.rate(ROUND_SECONDS) : await callRate(each === "auto" ? auto : zero);
    }
    rounds.push(rates);
  }
  const compared = (id: string, value: keyof Rates, floor: keyof Rates) =>
    roundsRow(
      id,
      "calls/s",
      rounds.map((rates) => ({ value: rates[value], floor: rates[floor] })),
    );
  return [
    compared(ID, "auto", "ideal"),
    compared(`${ID}-prefetch-0`, "zero", "ideal"),
    compared(`${ID}-auto-vs-0`, "auto", "zero"),
  ];
}

async function callRate(contestant: SnakepitContestant): Promise<number> {
  const call = async () => {
    const ms = await contestant.work(WORK_MS);
    if (ms !== WORK_MS) throw new Error(`the tool that works for ${WORK_MS} ms returned ${ms}`);
  };
  return await throughput(call, CALLERS, ROUND_SECONDS * 1_000);
}
