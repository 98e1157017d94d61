import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CreditWindow } from "./credit-window.ts";

/** A producer that sends all it may, and a consumer that takes one at a time; returns the most that was ever ahead. */
function run(sizes: readonly number[], msPerValue: number): { delivered: number; mostAhead: number } {
  let now = 0;
  const window = new CreditWindow(() => now);
  let credit: number = CreditWindow.initial;
  let [sent, consumed, mostAhead] = [0, 0, 0];
  while (consumed < sizes.length) {
    while (credit > 0 && sent < sizes.length) {
      window.arrived(sizes[sent]!);
      credit -= 1;
      sent += 1;
    }
    if (sent === consumed) break;
    mostAhead = Math.max(mostAhead, sent + credit - consumed);
    consumed += 1;
    now += msPerValue;
    credit += window.consumed();
  }
  return { delivered: consumed, mostAhead };
}

test("grows to 256 for small chunks", () => {
  expect(run(new Array<number>(5_000).fill(100), 1)).toEqual({ delivered: 5_000, mostAhead: 256 });
});

test("grows to 1,024 for small chunks and a fast consumer", () => {
  expect(run(new Array<number>(5_000).fill(100), 0.01)).toEqual({ delivered: 5_000, mostAhead: 1_024 });
});

test("returns to 256 when a fast consumer becomes slow", () => {
  let now = 0;
  const window = new CreditWindow(() => now);
  let ahead: number = CreditWindow.initial;
  for (let i = 0; i < 20_000; i++) {
    window.arrived(10);
    if (i >= 10_000) now += 1;
    ahead += window.consumed() - 1;
    expect(ahead).toBeLessThanOrEqual(i < 12_100 ? 1_024 : 256);
  }
});

test("shrinks to 2 for large ones", () => {
  const window = new CreditWindow();
  for (let i = 0; i < 8; i++) window.arrived(100_000_000);
  const grants = Array.from({ length: 8 }, () => window.consumed());
  expect(grants).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
});

test("keeps about a megabyte on its way", () => {
  expect(run(new Array<number>(5_000).fill(10_000), 0.01).mostAhead).toBe(104);
});

test("credit goes half a window at a time", () => {
  const window = new CreditWindow();
  for (let i = 0; i < 8; i++) window.arrived(500_000);
  expect(Array.from({ length: 8 }, () => window.consumed())).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
});

test("whatever the sizes, every chunk is delivered and never more than 1,024 are ahead", async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 20_000_000 }), { maxLength: 2_000 });
  await fc.assert(
    fc.property(sizes, fc.constantFrom(0, 0.01, 1), (each, msPerValue) => {
      const { delivered, mostAhead } = run(each, msPerValue);
      expect(delivered).toBe(each.length);
      expect(mostAhead).toBeLessThanOrEqual(msPerValue === 1 ? 256 : 1_024);
    }),
    { numRuns: 50 },
  );
});
