// Many calls of one tool: as many at a time as the workers can run, with progress, and with items that fail.
import { python, Snakepit } from "snakepit";

await using pit = await Snakepit.start({ worker: python(new URL("../tools/basics.py", import.meta.url)), size: 4 });

// All results in the order of the items. Promise.all over pit.execute() would overflow the queue.
const items = Array.from({ length: 2_000 }, (_, value) => ({ a: value, b: 1 }));
let done = 0;
const sums = await pit.map<number>("add", items, { onProgress: (progress) => (done = progress.done) });
console.log(`${done} calls, last result ${sums.at(-1)}`);

// One result at a time, failures included.
const divisors = [4, 0, 2];
const toArgs = (b: number) => ({ a: 1, b });
for await (const outcome of pit.map<number>("divide", divisors, { toArgs }).settled()) {
  const result = outcome.status === "fulfilled" ? outcome.value : outcome.reason.python?.type;
  console.log(`1 / ${divisors[outcome.index]}: ${result}`);
}

// Items may come from an endless generator: it is read only as far as the loop needs.
function* numbers(): Generator<{ a: number; b: number }> {
  for (let a = 0; ; a++) yield { a, b: a };
}
for await (const sum of pit.map<number>("add", numbers())) {
  if (sum > 6) break;
  console.log(`doubled: ${sum}`);
}
