import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bucketed, LoadBuckets } from "./worker-choice.ts";

class Item implements Bucketed<Item> {
  bucket = -1;
  previousWorker: Item | undefined;
  nextWorker: Item | undefined;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

test("returns the least loaded worker, and the most recently added one among equals", () => {
  const buckets = new LoadBuckets<Item>();
  const [a, b, c] = [new Item("a"), new Item("b"), new Item("c")] as const;
  expect(buckets.least()).toBeUndefined();
  buckets.put(a, 2);
  buckets.put(b, 1);
  buckets.put(c, 1);
  expect(buckets.least()).toBe(c);
  buckets.take(c);
  expect(buckets.least()).toBe(b);
  buckets.take(b);
  expect(buckets.least()).toBe(a);
  buckets.put(b, 0);
  expect(buckets.least()).toBe(b);
  expect(buckets.size).toBe(2);
});

test("returns workers that were not used yet after equally loaded ones, in the order of their addition", () => {
  const buckets = new LoadBuckets<Item>();
  const [a, b, c] = [new Item("a"), new Item("b"), new Item("c")] as const;
  buckets.put(a, 0, true);
  buckets.put(b, 0, true);
  buckets.put(c, 0);
  const order = [];
  for (let least = buckets.least(); least !== undefined; least = buckets.least()) {
    order.push(least);
    buckets.take(least);
  }
  expect(order).toEqual([c, a, b]);
});

test("a worker that was taken has no links", () => {
  const buckets = new LoadBuckets<Item>();
  const items = [new Item("a"), new Item("b"), new Item("c")];
  for (const item of items) buckets.put(item, 3);
  buckets.take(items[1]!);
  expect(items[1]!.bucket).toBe(-1);
  expect([items[1]!.previousWorker, items[1]!.nextWorker]).toEqual([undefined, undefined]);
  buckets.take(items[2]!);
  expect(buckets.least()).toBe(items[0]);
});

test("agrees with a search through all workers, for any sequence of changes", () => {
  const load = fc.option(fc.nat(4), { nil: undefined });
  const change = fc.record({ index: fc.nat(5), load, isUnused: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const buckets = new LoadBuckets<Item>();
      const items = Array.from({ length: 6 }, (_, i) => new Item(`${i}`));
      const loads = new Map<Item, number>();
      for (const { index, load, isUnused } of changes) {
        const item = items[index]!;
        if (loads.has(item)) buckets.take(item);
        loads.delete(item);
        if (load !== undefined) {
          buckets.put(item, load, isUnused);
          loads.set(item, load);
        }
        const least = buckets.least();
        expect(buckets.size).toBe(loads.size);
        expect(least && loads.get(least)).toBe(loads.size === 0 ? undefined : Math.min(...loads.values()));
      }
    }),
  );
});
