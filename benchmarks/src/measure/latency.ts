import { median } from "./statistics.ts";

/** Median milliseconds of `calls` calls made one after another, after a warm-up of as many. */
export async function latencyP50(call: () => Promise<unknown>, calls = 3_000): Promise<number> {
  for (let i = 0; i < calls; i++) await call();
  const samples: number[] = [];
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    await call();
    samples.push(performance.now() - start);
  }
  return median(samples);
}
