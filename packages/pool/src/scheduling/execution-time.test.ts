import { expect, test } from "vitest";
import { ExecutionTime, UNKNOWN_TIME } from "./execution-time.ts";

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
