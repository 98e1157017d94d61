import { vi } from "vitest";
import type { WorkerPool } from "../worker-pool.ts";
import type { FakeCall } from "./fake-call.ts";
import type { FakeLauncher } from "./fake-launcher.ts";
import { request, turn } from "./pool-under-test.ts";

const STEP_MS = 100;
const HOUR_MS = 3_600_000;
/** Each call takes this long. */
const CALL_MS = 1_000;
/** Workers of a pool are forked in less than one step; those of the fake launcher take this many. */
const START_STEPS = 2;

/** What a {@link TrafficDay} has seen. */
export interface DayReport {
  readonly calls: number;
  readonly failed: number;
  readonly longestWaitMs: number;
  /** The share of the calls that waited at least one step. */
  readonly waitedShare: number;
  readonly largestSize: number;
  readonly sizeAtNight: number;
  readonly workerHours: number;
  /** How often the size changed from growing to shrinking or back. */
  readonly turns: number;
}

/**
 * A synthetic day on a pool with a fake launcher and fake timers: a quiet night, a step in the morning, a plateau with
 * hourly bursts, and a decrease in the evening. The load is the number of calls of one second that run at a time.
 */
export class TrafficDay {
  readonly #pool: WorkerPool;
  readonly #launcher: FakeLauncher;
  #calls = 0;
  #failed = 0;
  #waited = 0;
  #longestWaitMs = 0;

  constructor(pool: WorkerPool, launcher: FakeLauncher) {
    this.#pool = pool;
    this.#launcher = launcher;
  }

  async run(): Promise<DayReport> {
    const sizes: number[] = [];
    let sizeAtNight = 0;
    let workerMs = 0;
    const running = new Map<FakeCall, number>();
    const starting: { readonly at: number; readonly succeed: () => void }[] = [];
    this.#launcher.plan = (launch) => {
      starting.push({
        at: performance.now() + START_STEPS * STEP_MS,
        succeed: () => launch.pending && launch.succeed(),
      });
    };
    let due = 0;
    let step = STEP_MS;
    for (let at = 0; at < 24 * HOUR_MS; at += step) {
      // At night, most of the time passes without a call.
      step = running.size === 0 && starting.length === 0 && loadAt(at) < 0.1 ? 50 * STEP_MS : STEP_MS;
      vi.advanceTimersByTime(step);
      const now = performance.now();
      while (starting[0] !== undefined && starting[0].at <= now) starting.shift()?.succeed();
      due += (loadAt(at) * step) / CALL_MS;
      for (; due >= 1; due -= 1) this.#call();
      await turn();
      for (const [call, since] of running) {
        if (now - since < CALL_MS) continue;
        running.delete(call);
        call.value(1);
      }
      await turn();
      for (const { calls } of this.#launcher.alive) {
        for (const call of calls) if (!running.has(call)) running.set(call, now);
      }
      const { size } = this.#pool.stats();
      if (sizes.at(-1) !== size) sizes.push(size);
      workerMs += size * step;
      if (at < 5 * HOUR_MS) sizeAtNight = size;
    }
    for (const call of running.keys()) call.value(1);
    await turn();
    this.#launcher.plan = (launch) => launch.succeed();
    return {
      calls: this.#calls,
      failed: this.#failed,
      longestWaitMs: this.#longestWaitMs,
      waitedShare: this.#waited / this.#calls,
      largestSize: Math.max(...sizes),
      sizeAtNight,
      workerHours: workerMs / HOUR_MS,
      turns: turnsOf(sizes),
    };
  }

  #call(): void {
    const admitted = performance.now();
    this.#calls += 1;
    const made = request();
    const trace = () => {
      const waitedMs = performance.now() - admitted - CALL_MS;
      if (waitedMs > STEP_MS) this.#waited += 1;
      this.#longestWaitMs = Math.max(this.#longestWaitMs, waitedMs);
    };
    this.#pool.execute(made).then(trace, () => {
      this.#failed += 1;
    });
  }
}

/** The number of calls that run at a time. */
function loadAt(at: number): number {
  const hour = at / HOUR_MS;
  if (hour < 6 || hour >= 22) return 0.01;
  // A burst in the first minute of each even hour.
  const burst = hour % 2 < 1 / 60 ? 10 : 0;
  if (hour < 9) return 2 + burst;
  if (hour < 18) return 6 + burst;
  return 1 + burst;
}

function turnsOf(sizes: readonly number[]): number {
  let turns = 0;
  let direction = 0;
  for (const [index, size] of sizes.entries()) {
    const change = Math.sign(size - (sizes[index - 1] ?? size));
    if (change === 0 || change === direction) continue;
    if (direction !== 0) turns += 1;
    direction = change;
  }
  return turns;
}
