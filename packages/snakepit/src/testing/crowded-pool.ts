// A host that has no file descriptor left when its workers are replaced, and has some again later; prints what came of
// it as one line of JSON.
// usage, under a limit that is soon reached: node crowded-pool.ts '{"size": 8, "registry": …}'
import { closeSync, openSync } from "node:fs";
import { python, Snakepit, type SnakepitConfig } from "../index.ts";

const { transport, startMethod, ...config } = JSON.parse(process.argv[2] ?? "{}");
const worker = python(new URL("tools.py", import.meta.url), { transport, startMethod });
const pit = await Snakepit.start({
  worker,
  logger: false,
  backoff: { initialMs: 50, maxMs: 50 },
  ...config,
} as SnakepitConfig);
await pit.ready();
const pids = new Set(await Promise.all(Array.from({ length: config.size }, () => pit.execute("pid"))));

const hoarded: number[] = [];
const failures: string[] = [];
let hoarding = true;
const whole = Promise.withResolvers<void>();
// The end of a process returns some.
pit.on("worker.exited", takeAll);
pit.on("worker.start-failed", ({ error }) => {
  failures.push(error.message);
  if (failures.length < config.size) return;
  hoarding = false;
  for (const descriptor of hoarded.splice(0)) closeSync(descriptor);
});
pit.on("worker.ready", () => {
  if (pit.stats().available === config.size) whole.resolve();
});
takeAll();
for (const pid of pids) process.kill(pid as number, "SIGKILL");
await whole.promise;
const value = await pit.execute("echo", { value: "answer" });
await pit.close();
console.log(JSON.stringify({ value, failures }));

function takeAll(): void {
  try {
    while (hoarding) hoarded.push(openSync("/dev/null", "r"));
  } catch {
    // Now there is none left.
  }
}
