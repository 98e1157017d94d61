import { SnakepitError } from "@snakepit/core";
import { describe, expect, test } from "vitest";
import { LaunchPacer, restartDelay } from "./launch-pacer.ts";
import { assess, type HealthFacts } from "./pool-health.ts";
import { RestartIntensity } from "./restart-intensity.ts";

describe("the delay before a restart", () => {
  const policy = { initialMs: 100, maxMs: 1_000 };

  test("is zero after the first failure, then doubles up to the longest", () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 2_000].map((failures) => restartDelay(failures, false, policy, 1));
    expect(delays).toEqual([0, 0, 100, 200, 400, 800, 1_000, 1_000]);
  });

  test("is the longest in a degraded pool", () => {
    expect([0, 1, 5].map((failures) => restartDelay(failures, true, policy, 1))).toEqual([1_000, 1_000, 1_000]);
  });

  test("is random by half", () => {
    expect(restartDelay(3, false, policy, 0)).toBe(100);
    expect(restartDelay(3, false, policy, 0.5)).toBe(150);
  });
});

describe("the restart intensity", () => {
  test("is exceeded by more failures than allowed within the time", () => {
    const intensity = new RestartIntensity(2, 1_000, 100);
    intensity.failed(0);
    intensity.failed(500);
    expect(intensity.exceeded(500)).toBe(false);
    intensity.failed(999);
    expect(intensity.exceeded(999)).toBe(true);
    expect(intensity.recoversAt()).toBe(1_000);
    expect(intensity.exceeded(1_000)).toBe(false);
    intensity.failed(1_100);
    expect(intensity.recoversAt()).toBe(1_500);
  });

  test("is exceeded by consecutive failed starts at any rate", () => {
    const intensity = new RestartIntensity(100, 1_000, 3);
    for (const now of [0, 60_000]) intensity.startFailed(now);
    expect(intensity.exceeded(60_000)).toBe(false);
    intensity.startFailed(240_000);
    expect(intensity.exceeded(900_000)).toBe(true);
  });

  test("tolerates more failures once a worker has started", () => {
    const intensity = new RestartIntensity(100, 1_000, 3);
    for (let round = 0; round < 2; round++) {
      intensity.started();
      for (let failure = 1; failure <= 10; failure++) intensity.startFailed(failure * 60_000);
      expect(intensity.exceeded(900_000)).toBe(false);
    }
    intensity.startFailed(900_000);
    expect(intensity.exceeded(900_000)).toBe(true);
  });

  test("of 0 is exceeded by the first failure", () => {
    const intensity = new RestartIntensity(0, 1_000, 100);
    expect(intensity.exceeded(0)).toBe(false);
    intensity.failed(0);
    expect(intensity.exceeded(0)).toBe(true);
  });
});

test("launches come in batches, with a pause after each", () => {
  const pacer = new LaunchPacer(2, 100);
  expect(pacer.waitMs(0, 0)).toBe(0);
  pacer.launched(0);
  expect(pacer.waitMs(0, 1)).toBe(0);
  pacer.launched(0);
  expect(pacer.waitMs(0, 2)).toBe(Number.POSITIVE_INFINITY);
  expect(pacer.waitMs(40, 1)).toBe(60);
  expect(pacer.waitMs(100, 1)).toBe(0);
});

describe("the health of a pool", () => {
  const failure = new SnakepitError("WORKER_START_FAILED", "no");
  const well: HealthFacts = {
    size: 2,
    ready: 2,
    pausing: false,
    everReady: true,
    exceeded: false,
    failure: undefined,
    permanent: false,
    overdue: false,
  };

  test("is ready when it first has its workers, and stays so while they are replaced", () => {
    expect(assess({ is: "starting" }, { ...well, ready: 1 })).toEqual({ is: "starting" });
    expect(assess({ is: "starting" }, well)).toEqual({ is: "ready" });
    expect(assess({ is: "ready" }, { ...well, ready: 1, failure })).toEqual({ is: "ready" });
  });

  test("is degraded by too many failures until all workers are ready again", () => {
    const degraded = assess({ is: "ready" }, { ...well, ready: 1, failure, exceeded: true });
    expect(degraded).toEqual({ is: "degraded", cause: failure, slow: true });
    expect(assess(degraded, { ...well, exceeded: true })).toBe(degraded);
    expect(assess(degraded, { ...well, ready: 1 })).toBe(degraded);
    expect(assess(degraded, well)).toEqual({ is: "ready" });
  });

  test("is degraded while it has no worker and delays the next start, and slow after too many failures (H11)", () => {
    const facts = { ...well, ready: 0, failure, pausing: true };
    const degraded = assess({ is: "ready" }, facts);
    expect(degraded).toEqual({ is: "degraded", cause: failure, slow: false });
    expect(assess(degraded, facts)).toBe(degraded);
    expect(assess(degraded, { ...facts, exceeded: true })).toEqual({ is: "degraded", cause: failure, slow: true });
    expect(assess(degraded, well)).toEqual({ is: "ready" });
    expect(assess({ is: "starting" }, facts)).toEqual({ is: "starting" });
  });

  test("is degraded by one start that exceeded its time limit, unless a worker has been ready", () => {
    const facts = { ...well, ready: 0, failure, overdue: true };
    expect(assess({ is: "starting" }, { ...facts, everReady: false })).toEqual({
      is: "degraded",
      cause: failure,
      slow: true,
    });
    expect(assess({ is: "starting" }, facts)).toEqual({ is: "starting" });
  });

  test("is failed permanently only if no worker has ever been ready", () => {
    const facts = { ...well, ready: 0, failure, permanent: true };
    expect(assess({ is: "ready" }, facts)).toEqual({ is: "degraded", cause: failure, slow: true });
    const failed = assess({ is: "starting" }, { ...facts, everReady: false });
    expect(failed).toEqual({ is: "failed", cause: failure });
    expect(assess(failed, well)).toBe(failed);
  });

  test("does not change before the start and after the end", () => {
    for (const health of [{ is: "idle" }, { is: "closing" }] as const) expect(assess(health, well)).toBe(health);
  });
});
