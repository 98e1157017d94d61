import { setTimeout as sleep } from "node:timers/promises";
import type { Snakepit } from "snakepit";
import { startPit } from "../environment.ts";
import { roundsRow } from "../measure/call-times.ts";
import { percentile } from "../measure/executions.ts";
import type { Row } from "../table.ts";
import { SMALL } from "./latency.ts";

const WORKERS = 16;
/** One call each millisecond, whether or not earlier calls have been answered. */
const INTERVAL_MS = 1;
const WARM_UP_MS = 3_000;
const UNDISTURBED_MS = 4_000;
const ROUNDS = 7;

/** The call times of one window, in milliseconds. */
type Times = readonly number[];

/**
 * Call times while all workers of a pool are replaced, under 1,000 calls per second. The floor is the pool without
 * replacements, directly before. Fails if a call fails.
 */
export async function recyclingRows(): Promise<Row[]> {
  await using pit = await startPit({ workers: WORKERS });
  await pit.ready();
  await underLoad(pit, sleep(WARM_UP_MS));
  const rounds: { readonly undisturbed: Times; readonly recycling: Times }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const undisturbed = await underLoad(pit, sleep(UNDISTURBED_MS));
    const recycling = await underLoad(pit, Promise.all(pit.workers().map(({ id }) => pit.recycle(id))));
    rounds.push({ undisturbed, recycling });
  }
  const compared = (id: string, share: number) =>
    roundsRow(
      id,
      "ms",
      rounds.map((round) => ({
        value: percentile(round.recycling, share),
        floor: percentile(round.undisturbed, share),
      })),
    );
  return [compared("recycling-p50", 0.5), compared("recycling-p99", 0.99)];
}

/** Calls at a fixed rate until `until` resolves. */
async function underLoad(pit: Snakepit, until: Promise<unknown>): Promise<Times> {
  const times: number[] = [];
  const calls: Promise<void>[] = [];
  let over = false;
  const ended = until.finally(() => {
    over = true;
  });
  const call = async () => {
    const calledAt = performance.now();
    await pit.execute("echo", { value: SMALL });
    times.push(performance.now() - calledAt);
  };
  const startedAt = performance.now();
  while (!over) {
    while (startedAt + calls.length * INTERVAL_MS <= performance.now()) calls.push(call());
    await sleep(INTERVAL_MS);
  }
  await ended;
  await Promise.all(calls);
  return times;
}
