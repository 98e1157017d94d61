// The events of calls: what waits, what takes time, what fails. Without a listener, they cost nothing.
import { python, Snakepit } from "snakepit";

await using pit = await Snakepit.start({ worker: python(new URL("../tools/basics.py", import.meta.url)), size: 2 });
await pit.ready();

// Each call, with its time in the queue and in Python.
let waited = 0;
let executedMs = 0;
const stop = pit.on("call.ended", ({ queueMs, executionMs = 0 }) => {
  if (queueMs > 150) waited += 1;
  executedMs += executionMs;
});
await Promise.all(Array.from({ length: 6 }, (_, value) => pit.execute("slow_square", { value, seconds: 0.3 })));
console.log(`${waited} of 6 calls waited for one of the 2 workers`);
console.log(`Python needed at least 1800 ms: ${executedMs >= 1_800}`);
stop();

// Several names, until a signal aborts.
const counts: Record<string, number> = {};
const counting = new AbortController();
pit.on(
  ["call.started", "stream.ended", "call.ended"],
  (event, name) => {
    const outcome = "error" in event && event.error !== undefined ? `${name} (${event.error.code})` : name;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  },
  { signal: counting.signal },
);
for await (const _ of pit.stream("count_down", { start: 3 }));
await pit.execute("greet", { name: 7 }).catch(() => {});
counting.abort();
await pit.execute("add", { a: 1, b: 2 });
console.log(JSON.stringify(counts));

// Every event, as for a log or a dashboard.
pit.onAny((event) => {
  if (event.name === "worker.recycled") console.log(`${event.workerId} was replaced: ${event.reason}`);
});
await pit.recycle("default-1");
