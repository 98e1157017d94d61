import type { Snakepit } from "snakepit";
import { startPit } from "../environment.ts";
import { roundsRow } from "../measure/call-times.ts";
import { type Execution, idleWhileWaiting, percentile } from "../measure/executions.ts";
import { type Row, row } from "../table.ts";

const WORKERS = 4;
const CALLERS = 16;
const CALLS = 1_000;
const ROUNDS = 6;
/** One of so many calls is long. */
const LONG_SHARE = 10;
/** Calls are counted for which another worker was idle for longer than this. */
const IDLE_LIMIT_MS = 2;

/** What was measured in one round of one pool, in milliseconds. */
interface Fairness {
  /** The 99th percentile of the times of the short calls, for their callers. */
  readonly shortP99: number;
  /** For each call, the longest time for which another worker was idle while it waited. */
  readonly idle: readonly number[];
}

/** One round of both pools. */
interface ComparedRound {
  readonly auto: Fairness;
  readonly zero: Fairness;
}

/**
 * Tools of 0.05 ms and 50 ms, nine to one, in the same order for a pool that sends calls ahead and for one that does
 * not. The floor is the latter. Both alternate, and each is first in every other round. The long tool waits without use
 * of the processor: with more busy workers than processors, the operating system would decide which call waits.
 */
export async function fairnessRows(): Promise<Row[]> {
  await using auto = await startPit({ workers: WORKERS });
  await using zero = await startPit({ workers: WORKERS, prefetch: 0 });
  await Promise.all([auto.ready(), zero.ready()]);
  // In one more round, the pools learn how long the tools take.
  await compareRound(auto, zero, 0);
  const rounds: ComparedRound[] = [];
  for (let round = 1; round <= ROUNDS; round++) rounds.push(await compareRound(auto, zero, round));
  const idle = {
    auto: rounds.flatMap((round) => round.auto.idle),
    zero: rounds.flatMap((round) => round.zero.idle),
  };
  const compared = (id: string, unit: string, of: (idle: readonly number[]) => number, least = 0) =>
    row(id, of(idle.auto), unit, Math.max(of(idle.zero), least));
  return [
    roundsRow(
      "mixed-durations-short-p99",
      "ms",
      rounds.map((round) => ({ value: round.auto.shortP99, floor: round.zero.shortP99 })),
    ),
    compared("idle-worker-max", "ms", (times) => percentile(times, 1)),
    compared("idle-worker-p99", "ms", (times) => percentile(times, 0.99)),
    compared("idle-worker-over-2ms", "calls", (times) => times.filter((ms) => ms > IDLE_LIMIT_MS).length, 1),
  ];
}

async function compareRound(auto: Snakepit, zero: Snakepit, round: number): Promise<ComparedRound> {
  const order = longCalls(round);
  if (round % 2 === 0) return { auto: await measure(auto, order), zero: await measure(zero, order) };
  const first = await measure(zero, order);
  return { auto: await measure(auto, order), zero: first };
}

/** Returns which calls of a round are long: one of ten on average, in an order that depends on the seed only. */
function longCalls(seed: number): readonly boolean[] {
  let state = seed + 1;
  return Array.from({ length: CALLS }, () => {
    // A linear congruential generator with the constants of Numerical Recipes; only the high bits are random enough.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 < 1 / LONG_SHARE;
  });
}

async function measure(pit: Snakepit, order: readonly boolean[]): Promise<Fairness> {
  const executions: Execution[] = [];
  const shortTimes: number[] = [];
  const remaining = order.values();
  const caller = async () => {
    // All callers take from the same order.
    for (const isLong of remaining) {
      const calledAt = monotonicMs();
      const timed = await pit.execute<[number, number, number]>(isLong ? "timed_long" : "timed_short");
      if (!isLong) shortTimes.push(monotonicMs() - calledAt);
      const [worker, startedAt, endedAt] = timed;
      executions.push({ worker, calledAt, startedAt, endedAt });
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return { shortP99: percentile(shortTimes, 0.99), idle: idleWhileWaiting(executions) };
}

/** The clock of the workers: CLOCK_MONOTONIC, in milliseconds. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
