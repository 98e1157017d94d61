// A pool that adds workers when calls wait, and removes them when they are idle.
import { setTimeout as sleep } from "node:timers/promises";
import { python, Snakepit } from "snakepit";

await using pit = await Snakepit.start({
  worker: python(new URL("../tools/leaking.py", import.meta.url)),
  size: { min: 1, max: 4 },
  scaling: { growAfterMs: "20ms", shrinkAfterMs: "300ms" },
});

const workers = () => `${pit.workers().length} worker${pit.workers().length === 1 ? "" : "s"}`;
const until = async (count: number) => {
  while (pit.workers().length !== count) await sleep(10);
};

console.log(`idle: ${workers()}`);
let isLoaded = true;
const callers = Array.from({ length: 16 }, async () => {
  while (isLoaded) await pit.execute("wait", { seconds: 0.02 });
});
await until(4);
console.log(`under load: ${workers()}`);
isLoaded = false;
await Promise.all(callers);
await until(1);
console.log(`idle again: ${workers()}`);
