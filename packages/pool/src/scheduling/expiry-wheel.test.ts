import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Expiring, ExpiryWheel } from "./expiry-wheel.ts";

class Entry implements Expiring {
  dueTick = 0;
  previousDue: Expiring | undefined;
  nextDue: Expiring | undefined;
  expiredAt: number | undefined;
  readonly dueAt: number;
  readonly #onExpired: (() => void) | undefined;

  constructor(dueAt: number, onExpired?: () => void) {
    this.dueAt = dueAt;
    this.#onExpired = onExpired;
  }

  expired(now: number): void {
    expect(this.expiredAt).toBeUndefined();
    this.expiredAt = now;
    this.#onExpired?.();
  }
}

let wheel: ExpiryWheel;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "performance"] });
  wheel = new ExpiryWheel();
});
afterEach(() => {
  wheel.close();
  vi.useRealTimers();
});

function add(inMs: number, onExpired?: () => void): Entry {
  const now = performance.now();
  const entry = new Entry(now + inMs, onExpired);
  wheel.add(entry, entry.dueAt, now);
  return entry;
}

test.each([0, 1, 63, 64, 65, 4_095, 4_096, 30_000, 262_144, 3_600_000, 86_400_000, 30 * 86_400_000])(
  "an entry due in %i ms expires then",
  (inMs) => {
    vi.advanceTimersByTime(12_345);
    const entry = add(inMs);
    vi.advanceTimersByTime(Math.max(0, inMs - 1));
    expect(entry.expiredAt).toBeUndefined();
    vi.advanceTimersByTime(2);
    expect(entry.expiredAt).toBeGreaterThanOrEqual(entry.dueAt);
  },
);

test("a removed entry does not expire, and an entry that is never due needs no timer", () => {
  const removed = add(100);
  wheel.remove(removed);
  wheel.remove(removed);
  wheel.add(new Entry(0), Number.POSITIVE_INFINITY, performance.now());
  vi.advanceTimersByTime(200);
  expect(removed.expiredAt).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

test("thousands of entries that end in time use one timer", () => {
  for (let i = 0; i < 5_000; i++) {
    wheel.remove(add(30_000));
    if (i % 100 === 0) vi.advanceTimersByTime(7);
    expect(vi.getTimerCount()).toBe(1);
  }
});

test("an entry that expires may add and remove others", () => {
  const other = add(10);
  let again: Entry | undefined;
  add(10, () => {
    wheel.remove(other);
    again = add(64);
  });
  // In the same millisecond, the first in the bucket comes first.
  vi.advanceTimersByTime(11);
  expect(again?.expiredAt).toBeUndefined();
  vi.advanceTimersByTime(65);
  expect(again?.expiredAt).toBeDefined();
});

test("under any additions, removals and waits, each entry expires once, on time", async () => {
  const step = fc.oneof(
    fc.record({ is: fc.constant("add" as const), inMs: fc.oneof(fc.nat(200), fc.nat(10_000), fc.nat(1_000_000)) }),
    fc.record({ is: fc.constant("remove" as const), pick: fc.nat() }),
    fc.record({ is: fc.constant("wait" as const), ms: fc.oneof(fc.nat(100), fc.nat(20_000)) }),
    // A busy event loop: the clock advances but no timer fires.
    fc.record({ is: fc.constant("block" as const), ms: fc.nat(10_000) }),
  );
  await fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let waiting: Entry[] = [];
      for (const each of steps) {
        switch (each.is) {
          case "add":
            waiting.push(add(each.inMs));
            break;
          case "remove": {
            const entry = waiting[each.pick % waiting.length];
            if (entry === undefined) break;
            wheel.remove(entry);
            waiting = waiting.filter((one) => one !== entry);
            break;
          }
          case "block": {
            const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + each.ms);
            waiting.push(add(each.ms % 300));
            clock.mockRestore();
            vi.advanceTimersByTime(each.ms);
            break;
          }
          case "wait":
            vi.advanceTimersByTime(each.ms);
            break;
        }
        // Timers are set in whole milliseconds from now, so an entry may expire one late.
        const now = performance.now();
        for (const entry of waiting) {
          if (entry.expiredAt === undefined) expect(entry.dueAt).toBeGreaterThan(now - 2);
          else expect(entry.expiredAt).toBeGreaterThanOrEqual(entry.dueAt);
        }
        waiting = waiting.filter((entry) => entry.expiredAt === undefined);
      }
      vi.advanceTimersByTime(2_000_000);
      for (const entry of waiting) expect(entry.expiredAt).toBeDefined();
    }),
    { numRuns: 200 },
  );
});
