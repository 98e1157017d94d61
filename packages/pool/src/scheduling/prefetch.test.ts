import { expect, test } from "vitest";
import type { Call, PoolWorker } from "../calls/call.ts";
import { ExecutionTime, Prefetch, UNKNOWN_TIME } from "./prefetch.ts";

const KB = 1024;

function worker({ ahead = 0, expectedMs = 0.1, maxAhead = 1_000, accepting = true } = {}): PoolWorker {
  return { accepting, ahead: { length: ahead }, expectedMs, handle: { maxAhead } } as unknown as PoolWorker;
}

function call(overrides: object = {}): Call {
  return { streaming: false, args: { byteLength: KB }, ...overrides } as unknown as Call;
}

test("a worker has room while it expects less than a millisecond of work and holds fewer than 32 calls", () => {
  const prefetch = new Prefetch("auto");
  expect(prefetch.hasRoom(worker())).toBe(true);
  expect(prefetch.hasRoom(worker({ ahead: 31 }))).toBe(true);
  expect(prefetch.hasRoom(worker({ ahead: 32 }))).toBe(false);
  expect(prefetch.hasRoom(worker({ expectedMs: 1 }))).toBe(false);
  expect(prefetch.hasRoom(worker({ accepting: false }))).toBe(false);
});

test("a number is the limit of calls, whatever their execution time", () => {
  const prefetch = new Prefetch(2);
  expect(prefetch.hasRoom(worker({ ahead: 1, expectedMs: 60_000 }))).toBe(true);
  expect(prefetch.hasRoom(worker({ ahead: 2 }))).toBe(false);
  expect(prefetch.isSoon(worker({ expectedMs: 60_000 }), 60_000)).toBe(true);
});

test("zero disables calls ahead", () => {
  expect(new Prefetch(0).hasRoom(worker())).toBe(false);
});

test.each([
  ["holds as many as it supports", { ahead: 3, maxAhead: 3 }],
  ["supports none", { maxAhead: 0 }],
])("a worker that %s has no room", (_, state) => {
  expect(new Prefetch("auto").hasRoom(worker(state))).toBe(false);
  expect(new Prefetch(1_000).hasRoom(worker(state))).toBe(false);
});

test("a call is soon finished if it fits into the budget with the calls before it", () => {
  const prefetch = new Prefetch("auto");
  expect(prefetch.isSoon(worker({ expectedMs: 0.6 }), 0.4)).toBe(true);
  expect(prefetch.isSoon(worker({ expectedMs: 0.6 }), 0.5)).toBe(false);
  expect(prefetch.isSoon(worker({ expectedMs: 0 }), 2)).toBe(false);
});

test.each([
  ["with small arguments is eligible", {}, true],
  ["with 64 KB of arguments is eligible", { args: { byteLength: 64 * KB } }, true],
  ["with more arguments is not", { args: { byteLength: 64 * KB + 1 } }, false],
  ["of a session is not", { sessionId: "s" }, false],
  ["that is nested is not", { parent: {} }, false],
  ["that is a stream is not", { streaming: true }, false],
])("a call %s", (_, overrides, eligible) => {
  expect(new Prefetch("auto").isEligible(call(overrides))).toBe(eligible);
});

test("a tool that was never measured is expected to take longer than any budget", () => {
  expect(new ExecutionTime().expectedMs).toBe(1_000);
  expect(UNKNOWN_TIME.expectedMs).toBe(1_000);
});

test("the first measurement replaces the initial value", () => {
  const time = new ExecutionTime();
  time.record(0.05);
  expect(time.expectedMs).toBe(0.05);
});

test("the expected time rises faster than it falls", () => {
  const time = new ExecutionTime();
  time.record(1);
  time.record(5);
  expect(time.expectedMs).toBeCloseTo(2);
  time.record(0);
  expect(time.expectedMs).toBeCloseTo(1.9);
});

test("after one long call among short ones, a tool counts as short again within 60 calls", () => {
  const time = new ExecutionTime();
  time.record(0.05);
  time.record(50);
  expect(time.expectedMs).toBeGreaterThan(10);
  let calls = 0;
  for (; time.expectedMs > 1; calls += 1) time.record(0.05);
  expect(calls).toBeGreaterThan(40);
  expect(calls).toBeLessThan(60);
});
