import { expect, test } from "vitest";
import type { MeasuredCost } from "./measure-call-cost.ts";
import {
  exceededSides,
  formatCost,
  lowestCost,
  type RecordedCost,
  ratioOf,
  readRecordedCost,
} from "./recorded-cost.ts";

const RECORDED: RecordedCost = {
  ratio: { host: 2, worker: 1 },
  room: 1.5,
  measured: { call: { host: 12, worker: 8 }, baseline: { host: 6, worker: 8 } },
  date: "2026-01-01",
  machine: "a machine",
};

function cost(host: number, worker: number, slower = 1): MeasuredCost {
  return {
    call: { host: host * slower, worker: worker * slower },
    baseline: { host: 6 * slower, worker: 8 * slower },
  };
}

test("a cost within the room passes, on a slower machine too", () => {
  expect(exceededSides(cost(17, 11), RECORDED)).toEqual([]);
  expect(exceededSides(cost(17, 11, 5), RECORDED)).toEqual([]);
});

test("each side that costs more is reported", () => {
  expect(exceededSides(cost(19, 8), RECORDED)).toEqual(["host"]);
  expect(exceededSides(cost(12, 13), RECORDED)).toEqual(["worker"]);
  expect(exceededSides(cost(24, 16), RECORDED)).toEqual(["host", "worker"]);
});

test("the measurement with the lowest ratios is recorded", () => {
  expect(lowestCost([cost(20, 8), cost(10, 8), cost(15, 8)])).toEqual(cost(10, 8));
});

test("the figures are printed with the bound", () => {
  expect(formatCost(cost(12, 8), RECORDED)).toBe(
    [
      "host: 12.0 µs a call, baseline 6.0 µs: 2.00 × (recorded 2.00 ×, at most 3.00 ×)",
      "worker: 8.0 µs a call, baseline 8.0 µs: 1.00 × (recorded 1.00 ×, at most 1.50 ×)",
    ].join("\n"),
  );
});

test("the recorded ratios are those of the recorded measurement", () => {
  const { ratio, measured } = readRecordedCost();
  expect(ratioOf(measured).host).toBeCloseTo(ratio.host, 1);
  expect(ratioOf(measured).worker).toBeCloseTo(ratio.worker, 1);
});
