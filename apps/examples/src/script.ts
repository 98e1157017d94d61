// A script: it starts all workers, runs a batch and always ends its host. Ctrl-C, SIGTERM or the end of the reader of
// its output (… | head) end the batch, the host and the process; a second Ctrl-C ends it immediately.
import { python, Snakepit } from "snakepit";

await Snakepit.run(
  async (pit, { signal }) => {
    console.log(`workers: ${pit.workers().length}`);
    const items = Array.from({ length: 1_000 }, (_, a) => ({ a, b: 1 }));
    let sum = 0;
    for await (const result of pit.map<number>("add", items, { signal })) sum += result;
    console.log(`sum: ${sum}`);
  },
  { worker: python(new URL("../tools/basics.py", import.meta.url)), size: 4 },
  { waitForWorkers: "all" },
);
console.log(`handlers of SIGINT that are left: ${process.listenerCount("SIGINT")}`);
