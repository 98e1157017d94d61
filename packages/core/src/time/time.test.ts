import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { deadlineIn, remainingMs, startTimer } from "./deadline.ts";
import { durationMs } from "./duration.ts";

describe("a deadline", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("comes nearer, and stays passed", () => {
    const deadline = deadlineIn(1_000);
    expect(remainingMs(deadline)).toBe(1_000);
    vi.advanceTimersByTime(400);
    expect(remainingMs(deadline)).toBe(600);
    vi.advanceTimersByTime(700);
    expect(remainingMs(deadline)).toBe(0);
  });

  test("may be never", () => {
    expect(deadlineIn(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    vi.advanceTimersByTime(1_000_000);
    expect(remainingMs(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });

  test("is not moved by the wall clock", () => {
    // Longer than this process has run: the fake monotonic clock, which begins at 0, is replaced by the real one below.
    const deadline = deadlineIn(3_000_000);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    expect(remainingMs(deadline)).toBeGreaterThan(0);
  });
});

describe("a duration", () => {
  test.each([
    [0, 0],
    [1.5, 1.5],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ["250ms", 250],
    ["30s", 30_000],
    ["1.5m", 90_000],
    ["1h", 3_600_000],
    ["2d", 172_800_000],
  ])("%s is %d ms", (duration, ms) => {
    expect(durationMs(duration)).toBe(ms);
  });

  test.each([
    -1,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    "",
    "30",
    "30 s",
    "s",
    "-1s",
    "1w",
    "1e3s",
    null,
    undefined,
    {},
    5n,
  ])("%s is invalid", (value) => {
    expect(durationMs(value)).toBeUndefined();
  });
});

describe("a timer", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([Number.POSITIVE_INFINITY, 3_000_000_000])("of %d ms does not fire at once", (delayMs) => {
    const fired = vi.fn();
    startTimer(fired, delayMs);
    vi.advanceTimersByTime(2 ** 31 - 2);
    expect(fired).not.toHaveBeenCalled();
  });
});
