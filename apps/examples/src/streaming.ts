// A Python generator is an async iterable; leaving the loop stops the generator.
import { python, Snakepit } from "snakepit";

await using pit = await Snakepit.start({ worker: python(new URL("../tools/basics.py", import.meta.url)), size: 1 });

for await (const number of pit.stream<number>("count_down", { start: 5 })) {
  console.log(`${number} …`);
}
for await (const number of pit.stream<number>("count_down", { start: 1_000_000 })) {
  if (number < 999_998) break;
  console.log(`${number} …`);
}
console.log("lift-off");
