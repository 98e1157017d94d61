// An adapter class keeps state in its worker. A pool of one worker sends every call to the same instance.
import { fileURLToPath } from "node:url";
import { python, Snakepit } from "snakepit";

const file = fileURLToPath(new URL("../tools/counter_adapter.py", import.meta.url));

await using pit = await Snakepit.start({ pools: { words: { worker: python(`${file}:Counter`), size: 1 } } });
const words = pit.pool("words");

console.log(`known words: ${await words.execute("learn", { text: "the snake in the pit" })}`);
console.log(`encoded: ${JSON.stringify(await words.execute("encode", { text: "the pit of the snake" }))}`);
