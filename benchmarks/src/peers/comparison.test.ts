import { expect, test } from "vitest";
import { ahead, compare, type Round, rotated } from "./comparison.ts";
import type { Outcome } from "./measurement.ts";
import { peerRow } from "./rows.ts";

const RATE = peerRow("throughput-1x64");
const TIME = peerRow("mixed");

function round(outcomes: Readonly<Record<string, number | Outcome>>): Round {
  const entries = Object.entries(outcomes).map(([name, outcome]) => {
    return [name, typeof outcome === "number" ? { value: outcome } : outcome] as const;
  });
  return new Map(entries);
}

test("a higher rate is ahead, and so is a shorter time", () => {
  expect(ahead(RATE, 200, 100)).toBe(2);
  expect(ahead(TIME, 200, 100)).toBe(0.5);
});

test("the ratio is the median of the ratios of the rounds, not the ratio of the medians", () => {
  const rounds = [round({ us: 10, peer: 5 }), round({ us: 100, peer: 10 }), round({ us: 60, peer: 20 })];
  const { figures } = compare(RATE, "us", rounds);
  expect(figures).toEqual([
    { peer: "us", value: 60, ahead: 1, range: [1, 1] },
    { peer: "peer", value: 10, ahead: 3, range: [2, 10] },
  ]);
});

test("the processor time is the median of the rounds", () => {
  const rounds = [1, 3, 2].map((host) => round({ us: { value: 1, cpu: { host, workers: 10 * host } } }));
  expect(compare(RATE, "us", rounds).figures[0]?.cpu).toEqual({ host: 2, workers: 20 });
});

test("a peer that could not be measured is missing, with the reason", () => {
  const { figures, missing } = compare(TIME, "us", [round({ us: 1, peer: { failure: "it is not installed" } })]);
  expect(figures.map(({ peer }) => peer)).toEqual(["us"]);
  expect(missing).toEqual([{ peer: "peer", reason: "it is not installed" }]);
});

test("a round in which a peer failed does not count for it", () => {
  const rounds = [round({ us: 1, peer: { failure: "it exited with 1" } }), round({ us: 2, peer: 4 })];
  expect(compare(TIME, "us", rounds).figures[1]).toEqual({ peer: "peer", value: 4, ahead: 2, range: [2, 2] });
});

test("each contestant is first in turn", () => {
  const contestants = ["a", "b", "c"];
  expect([0, 1, 2, 3].map((index) => rotated(contestants, index).join(""))).toEqual(["abc", "bca", "cab", "abc"]);
});
