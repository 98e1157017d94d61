import { expect, test } from "vitest";
import { type Execution, idleWhileWaiting, percentile } from "./executions.ts";

function execution(worker: number, calledAt: number, startedAt: number, endedAt: number): Execution {
  return { worker, calledAt, startedAt, endedAt };
}

test("a call that waits while another worker is idle counts the time that both have in common", () => {
  const executions = [
    execution(1, 0, 0, 50),
    // Worker 2 is idle from 10 to 40.
    execution(2, 0, 0, 10),
    execution(2, 40, 40, 45),
    // It waits at worker 1 from 20 on.
    execution(1, 20, 50, 51),
  ];
  expect(idleWhileWaiting(executions)).toEqual([0, 0, 0, 20]);
});

test("the longest of several idle times counts, not their sum", () => {
  const idle = [execution(2, 0, 0, 10), execution(2, 13, 13, 20), execution(2, 27, 27, 30)];
  expect(idleWhileWaiting([...idle, execution(1, 0, 40, 41)])).toEqual([0, 0, 0, 7]);
});

test("the idle time of the worker that executes the call does not count", () => {
  expect(idleWhileWaiting([execution(1, 0, 0, 1), execution(1, 1, 5, 6)])).toEqual([0, 0]);
});

test("a worker is not idle before its first and after its last execution", () => {
  expect(idleWhileWaiting([execution(2, 30, 30, 31), execution(1, 0, 60, 61)])).toEqual([0, 0]);
});

test("the order of the executions does not matter", () => {
  const waiting = execution(1, 20, 50, 51);
  expect(idleWhileWaiting([waiting, execution(2, 40, 40, 45), execution(2, 0, 0, 10)])).toEqual([20, 0, 0]);
});

test("a percentile is a sample that the given share of the samples does not exceed", () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(samples, 0.99)).toBe(99);
  expect(percentile(samples, 1)).toBe(100);
  expect(percentile([7], 0.5)).toBe(7);
  expect(() => percentile([], 0.5)).toThrow("no samples");
});
