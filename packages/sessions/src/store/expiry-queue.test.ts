import fc from "fast-check";
import { expect, test } from "vitest";
import { type Expiring, ExpiryQueue } from "./expiry-queue.ts";

class Item implements Expiring {
  expiresAt: number;
  queuePosition = -1;
  queuedFor = 0;

  constructor(expiresAt: number) {
    this.expiresAt = expiresAt;
  }
}

const TIME = fc.oneof({ weight: 9, arbitrary: fc.nat(100) }, { weight: 1, arbitrary: fc.constant(Infinity) });
const STEP = fc.oneof(
  fc.record({ is: fc.constant("add" as const), expiresAt: TIME }),
  fc.record({ is: fc.constant("change" as const), which: fc.nat(), expiresAt: TIME }),
  fc.record({ is: fc.constant("delete" as const), which: fc.nat() }),
  fc.record({ is: fc.constant("look" as const), now: fc.nat(100) }),
);

test("returns the same expired items as a check of each item, under any changes of items and clock", () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 200 }), (steps) => {
      const queue = new ExpiryQueue<Item>();
      const items: Item[] = [];
      for (const step of steps) {
        const index = "which" in step ? step.which % Math.max(1, items.length) : 0;
        const item = items[index];
        switch (step.is) {
          case "add":
            items.push(new Item(step.expiresAt));
            queue.add(items.at(-1)!);
            break;
          case "change":
            if (item === undefined) break;
            item.expiresAt = step.expiresAt;
            queue.changed(item);
            break;
          case "delete":
            if (item === undefined) break;
            queue.delete(item);
            items.splice(index, 1);
            break;
          case "look":
            expect(queue.expiredAt(step.now)).toEqual(new Set(items.filter(({ expiresAt }) => expiresAt <= step.now)));
            break;
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("an item that is used repeatedly keeps its position in the queue", () => {
  const queue = new ExpiryQueue<Item>();
  const [used, other] = [new Item(10), new Item(20)];
  queue.add(used);
  queue.add(other);
  for (let time = 11; time <= 1_000; time++) {
    used.expiresAt = time;
    queue.changed(used);
  }
  expect(used.queuedFor).toBe(10);
  expect([...queue.expiredAt(999)]).toEqual([other]);
  expect([...queue.expiredAt(1_000)]).toEqual([other, used]);
});
