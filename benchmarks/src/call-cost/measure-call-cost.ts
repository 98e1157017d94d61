import type { Contestant } from "../peers/contestant.ts";
import { SnakepitContestant } from "../peers/snakepit.ts";
import { BatchedLines } from "./batched-lines.ts";

/** Processor time of a call in microseconds, user and system. */
export interface CallCost {
  /** Of this process. */
  readonly host: number;
  readonly worker: number;
}

/** The cost of a small call, and of the same call with the baseline. */
export interface MeasuredCost {
  readonly call: CallCost;
  /** Of {@link BatchedLines}. */
  readonly baseline: CallCost;
}

/** A small call, and a worker that reports its processor time. */
interface Measurable extends Pick<Contestant, "add"> {
  workerSeconds(): Promise<number>;
}

const CALLERS = 64;
const WARM_UP_CALLS = 40_000;
const CALLS = 5_000;
const BATCHES = 20;

/**
 * Measures small calls of 64 callers to one worker. The result is the cheapest of several batches, which alternate with
 * batches of the baseline: other load on the machine only adds to the processor time of a call.
 */
export async function measureCallCost(): Promise<MeasuredCost> {
  await using snakepit = await SnakepitContestant.start(1);
  await snakepit.ready();
  await using baseline = new BatchedLines();
  for (const each of [snakepit, baseline]) await makeCalls(each, WARM_UP_CALLS);
  const calls: CallCost[] = [];
  const baselines: CallCost[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    calls.push(await batchCost(snakepit));
    baselines.push(await batchCost(baseline));
  }
  return { call: cheapest(calls), baseline: cheapest(baselines) };
}

async function batchCost(contestant: Measurable): Promise<CallCost> {
  const workerBefore = await contestant.workerSeconds();
  const hostBefore = process.cpuUsage();
  await makeCalls(contestant, CALLS);
  const { user, system } = process.cpuUsage(hostBefore);
  const workerSeconds = (await contestant.workerSeconds()) - workerBefore;
  return { host: (user + system) / CALLS, worker: (workerSeconds * 1e6) / CALLS };
}

async function makeCalls(contestant: Measurable, count: number): Promise<void> {
  let started = 0;
  const loop = async () => {
    while (started < count) {
      const number = started++;
      const sum = await contestant.add(number, 0.5);
      if (sum !== number + 0.5) throw new Error(`the sum of ${number} and 0.5 was ${sum}`);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, loop));
}

function cheapest(costs: readonly CallCost[]): CallCost {
  return {
    host: Math.min(...costs.map(({ host }) => host)),
    worker: Math.min(...costs.map(({ worker }) => worker)),
  };
}
