import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CreditWindow } from "./credit-window.ts";

/** A producer that sends all it may, and a consumer that takes one at a time; returns the most that was ever ahead. */
function run(sizes: readonly number[]): { delivered: number; mostAhead: number } {
  const window = new CreditWindow();
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
    credit += window.consumed();
  }
  return { delivered: consumed, mostAhead };
}

test("grows to 256 for small chunks", () => {
  expect(run(new Array<number>(5_000).fill(100))).toEqual({ delivered: 5_000, mostAhead: 256 });
});

test("shrinks to 2 for large ones", () => {
  const window = new CreditWindow();
  for (let i = 0; i < 8; i++) window.arrived(100_000_000);
  const grants = Array.from({ length: 8 }, () => window.consumed());
  expect(grants).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
});

test("keeps about a megabyte on its way", () => {
  expect(run(new Array<number>(5_000).fill(10_000)).mostAhead).toBe(104);
});

test("credit goes half a window at a time", () => {
  const window = new CreditWindow();
  for (let i = 0; i < 8; i++) window.arrived(500_000);
  expect(Array.from({ length: 8 }, () => window.consumed())).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
});

test("whatever the sizes, every chunk is delivered and never more than 256 are ahead", async () => {
  await fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000_000 }), { maxLength: 2_000 }), (sizes) => {
      const { delivered, mostAhead } = run(sizes);
      expect(delivered).toBe(sizes.length);
      expect(mostAhead).toBeLessThanOrEqual(256);
    }),
    { numRuns: 50 },
  );
});
