// A fast producer and a slow consumer: the producer waits, so memory stays bounded and readings stay recent.
import { setTimeout as sleep } from "node:timers/promises";
import { python, Snakepit } from "snakepit";

interface Reading {
  number: number;
  produced_at: number;
}

await using pit = await Snakepit.start({ worker: python(new URL("../tools/basics.py", import.meta.url)), size: 1 });

let seen = 0;
for await (const reading of pit.stream<Reading>("readings", { count: 1_000_000 })) {
  seen += 1;
  if (seen === 40) {
    console.log(`reading ${reading.number} of a million reached a consumer of 100 a second`);
    break;
  }
  await sleep(10);
}
const heapMib = Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
console.log(`heap in use: ${heapMib < 64 ? "less than 64 MiB" : `${heapMib} MiB`}`);
