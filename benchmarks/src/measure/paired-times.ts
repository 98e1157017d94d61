import type { Row } from "../row.ts";
import { median } from "./statistics.ts";

/** Median times of two batches that were measured one after the other, in milliseconds. */
export interface PairedTimes {
  readonly floor: number;
  readonly value: number;
}

/** How much is measured, and before that done for nothing. */
export interface PairedWork {
  /** Calls of one kind before it is the turn of the other. */
  readonly batch: number;
  /** Batches of each kind that are measured, after a warm-up of as many. */
  readonly batches: number;
}

/**
 * Times two kinds of call in turn, each call after the other has ended. A processor that has slept takes three times as
 * long to hear of a record as one that has not, and whether it sleeps changes from one moment to the next: two batches
 * that follow each other meet it in the same state.
 */
export async function pairedTimes(
  floor: () => Promise<unknown>,
  call: () => Promise<unknown>,
  { batch, batches }: PairedWork,
): Promise<readonly PairedTimes[]> {
  const times: PairedTimes[] = [];
  for (let i = -batches; i < batches; i++) {
    const pair = { floor: await medianMs(floor, batch), value: await medianMs(call, batch) };
    if (i >= 0) times.push(pair);
  }
  return times;
}

/** A row of what was measured in several starts of the processes; where those come to run has part in the ratio, too. */
export function pairedRow(id: string, starts: readonly (readonly PairedTimes[])[]): Row {
  const ratios = starts.map((start) => median(start.map(({ floor, value }) => value / floor)));
  const all = starts.flat();
  return {
    id,
    value: median(all.map(({ value }) => value)),
    unit: "ms",
    floor: median(all.map(({ floor }) => floor)),
    ratio: median(ratios),
    range: [Math.min(...ratios), Math.max(...ratios)],
  };
}

async function medianMs(call: () => Promise<unknown>, count: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return median(times);
}
