import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "./fifo.ts";

test("behaves as an array does", async () => {
  const operation = fc.oneof(
    { weight: 5, arbitrary: fc.integer().map((item) => ({ is: "push", item }) as const) },
    { weight: 4, arbitrary: fc.constant({ is: "shift" } as const) },
    { weight: 1, arbitrary: fc.constant({ is: "clear" } as const) },
  );
  await fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const fifo = new Fifo<number>();
      let model: number[] = [];
      for (const each of operations) {
        if (each.is === "push") {
          fifo.push(each.item);
          model.push(each.item);
        } else if (each.is === "shift") {
          expect(fifo.shift()).toBe(model.shift());
        } else {
          fifo.clear();
          model = [];
        }
        expect(fifo.length).toBe(model.length);
        expect(fifo.peek()).toBe(model[0]);
      }
    }),
  );
});
