// Three kinds of work by one worker of each profile: waiting, waiting in an async tool, and computing.
import { python, Snakepit } from "snakepit";

const worker = python(new URL("../tools/lookups.py", import.meta.url));
await using pit = await Snakepit.start({
  pools: {
    process: { worker, size: 1, profile: "process" },
    thread: { worker, size: 1, profile: "thread", capacity: 20 },
    async: { worker, size: 1, profile: "async" },
  },
});

const CALLS = 20;
for (const [kind, tool, args] of [
  ["waiting", "look_up", { seconds: 0.02 }],
  ["waiting, async", "look_up_async", { seconds: 0.02 }],
  ["computing", "count_primes", { below: 5_000 }],
] as const) {
  for (const profile of ["process", "thread", "async"]) {
    const start = performance.now();
    await Promise.all(Array.from({ length: CALLS }, () => pit.pool(profile).execute(tool, args)));
    console.log(`${kind}: ${profile} ${Math.round(performance.now() - start)} ms for ${CALLS} calls`);
  }
}
