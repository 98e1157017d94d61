import type { Row } from "../table.ts";

/** Median times of two batches that were measured one after the other, in milliseconds. */
export interface PairedTimes {
  readonly floor: number;
  readonly value: number;
}

/** How many calls are measured, after a warm-up of the same length. */
export interface PairedWork {
  /** Calls of one kind before the calls of the other kind. */
  readonly batch: number;
  /** Measured batches of each kind. */
  readonly batches: number;
}

/**
 * Times two kinds of call in alternating batches, one call at a time. A processor that wakes from an idle state takes
 * three times as long to receive a record, and whether it idles changes from moment to moment. Batches that follow each
 * other find it in the same state.
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

/** A row of several starts of the processes: the processors on which they run influence the ratio, too. */
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

/** A row of several rounds, in each of which value and floor were measured one after the other. */
export function roundsRow(id: string, unit: string, rounds: readonly Pick<Row, "value" | "floor">[]): Row {
  const ratios = rounds.map(({ floor, value }) => value / floor);
  return {
    id,
    value: median(rounds.map(({ value }) => value)),
    unit,
    floor: median(rounds.map(({ floor }) => floor)),
    ratio: median(ratios),
    range: [Math.min(...ratios), Math.max(...ratios)],
  };
}

/** Returns the median time of `count` calls in milliseconds, one call at a time. */
export async function medianMs(call: () => Promise<unknown>, count: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return median(times);
}

/** Returns the median of samples; the upper one of the two in the middle of an even number. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.floor(sorted.length / 2)];
  if (value === undefined) throw new Error("no samples");
  return value;
}

/** Returns the calls per second of `callers` callers, each of which makes one call at a time, after a short warm-up. */
export async function throughput(
  call: (caller: number) => Promise<unknown>,
  callers: number,
  durationMs = 2_000,
): Promise<number> {
  await callsPerSecond(call, callers, durationMs / 4);
  return await callsPerSecond(call, callers, durationMs);
}

async function callsPerSecond(
  call: (caller: number) => Promise<unknown>,
  callers: number,
  durationMs: number,
): Promise<number> {
  const start = performance.now();
  const end = start + durationMs;
  let done = 0;
  const loop = async (caller: number) => {
    while (performance.now() < end) {
      await call(caller);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => loop(caller)));
  return (done / (performance.now() - start)) * 1_000;
}
