// Python calls functions of this process: values, streams, arrays, and nested calls back into Python.
import { hostTool, type NdArray, python, Snakepit } from "snakepit";
import { z } from "zod";

const PRICES = new Map([
  ["apple", 0.5],
  ["melon", 3],
]);

await using pit = await Snakepit.start({
  worker: python(new URL("../tools/laboratory.py", import.meta.url)),
  size: 2,
  logger: false,
});
pit.on("worker.log", ({ message }) => console.log(`printed in Python: ${message}`));

let closed = 0;
pit.hostTools.register([
  hostTool({
    name: "price_of",
    description: "What an item costs.",
    parameters: z.object({ item: z.string() }),
    run({ item }) {
      const price = PRICES.get(item);
      if (price === undefined) throw new RangeError(`no price for ${item}`);
      return price;
    },
  }),
  hostTool({
    name: "readings",
    description: "Blocks of readings.",
    parameters: z.object({ blocks: z.int().positive() }),
    async *run({ blocks }) {
      try {
        for (let block = 0; block < blocks; block++) yield new Float32Array(1_000).fill(block);
      } finally {
        closed += 1;
      }
    },
  }),
  hostTool({
    name: "smooth",
    description: "Smooths an array.",
    parameters: z.object({ values: z.instanceof(Float64Array) }),
    // Inherits the session, the deadline and the cancellation of the call that requested it.
    run: ({ values }) => pit.execute("moving_average", { values, window: 2 }),
  }),
]);

for (const line of await pit.execute<string[]>("offered")) console.log(line);
console.log(`total: ${await pit.execute("total", { items: ["apple", "melon", "unicorn"] })}`);
console.log(`mean of a stream of arrays: ${await pit.execute("mean_of_readings", { blocks: 101 })}`);
console.log(`left early: ${await pit.execute<number[]>("first_readings", { blocks: 3 })}`);
const smoothed = await pit.execute<NdArray<Float64Array>>("smooth_remotely", { values: Float64Array.of(1, 2, 4) });
console.log(`smoothed by a nested call: ${[...smoothed].join(" ")}`);
console.log(`generators closed: ${closed}`);
