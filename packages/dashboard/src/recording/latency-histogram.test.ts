import { expect, test } from "vitest";
import { bucketOf, LatencyHistogram, SlidingCount, SlidingHistogram } from "./latency-histogram.ts";

const PARTS = [0.5, 0.95, 0.99];

function histogramOf(durations: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const ms of durations) histogram.add(bucketOf(ms));
  return histogram;
}

test("percentiles are within 5 % of the true values, from microseconds to hours", () => {
  for (const unit of [0.02, 1, 300, 60_000]) {
    const durations = Array.from({ length: 1_000 }, (_, index) => unit * (1 + index / 100));
    const [p50 = 0, p95 = 0, p99 = 0] = histogramOf(durations).percentiles(PARTS);
    for (const [found, index] of [
      [p50, 499],
      [p95, 949],
      [p99, 989],
    ] as const) {
      const exact = durations[index] ?? 0;
      expect(Math.abs((found ?? 0) - exact) / exact).toBeLessThan(0.05);
    }
  }
});

test("without calls, percentiles are null and the distribution is empty", () => {
  const histogram = new LatencyHistogram();
  expect(histogram.percentiles(PARTS)).toEqual([null, null, null]);
  expect(histogram.distribution()).toEqual([]);
});

test("counts durations beyond the first and the last bucket", () => {
  const histogram = histogramOf([0, -1, Number.NaN, 1e12]);
  expect(histogram.total).toBe(4);
  expect(histogram.distribution().reduce((sum, [, calls]) => sum + calls, 0)).toBe(4);
});

test("the distribution has ascending bounds and every call", () => {
  const steps = histogramOf([1, 1, 3, 100]).distribution();
  const bounds = steps.map(([upToMs]) => upToMs);
  expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
  expect(steps.map(([, calls]) => calls).filter((calls) => calls > 0)).toEqual([2, 1, 1]);
});

test("a call can stand for several", () => {
  const histogram = histogramOf([1]);
  histogram.add(bucketOf(100), 99);
  expect(histogram.total).toBe(100);
  expect(histogram.percentiles([0.5])[0]).toBeCloseTo(100, -1);
});

test("the last minute forgets its oldest slice", () => {
  const durations = new SlidingHistogram(3);
  const count = new SlidingCount(3);
  const minute = () => {
    const merged = new LatencyHistogram();
    durations.mergeInto(merged);
    return [merged.total, count.total];
  };
  for (const calls of [5, 1, 1]) {
    durations.current.add(bucketOf(1), calls);
    count.current += calls;
    if (calls === 5) expect(minute()).toEqual([5, 5]);
    durations.advance();
    count.advance();
  }
  expect(minute()).toEqual([2, 2]);
});
