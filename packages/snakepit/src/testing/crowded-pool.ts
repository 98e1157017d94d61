// A host that runs out of file descriptors while its workers are replaced, until some are released; prints the result
// as one line of JSON. usage, under a low limit of open files: node crowded-pool.ts '{"size": 8, "registry": …}'
import { closeSync, openSync } from "node:fs";
import { python, Snakepit, type SnakepitConfig } from "../index.ts";

const { transport, startMethod, ...config } = JSON.parse(process.argv[2] ?? "{}");
const worker = python(new URL("tools.py", import.meta.url), { transport, startMethod });
const pit = await Snakepit.start({
  worker,
  logger: false,
  // Longer than a machine under load takes.
  startTimeoutMs: "2m",
  queueTimeoutMs: "2m",
  backoff: { initialMs: 50, maxMs: 50 },
  ...config,
} as SnakepitConfig);
await pit.ready();
const pids = new Set(await Promise.all(Array.from({ length: config.size }, () => pit.execute("pid"))));

const held: number[] = [];
const failures: string[] = [];
let isHolding = true;
const whole = Promise.withResolvers<void>();
// The exit of a process releases descriptors.
pit.on("worker.exited", takeAll);
pit.on("worker.start-failed", ({ error }) => {
  failures.push(error.message);
  if (failures.length < config.size) return;
  isHolding = false;
  for (const descriptor of held.splice(0)) closeSync(descriptor);
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
    while (isHolding) held.push(openSync("/dev/null", "r"));
  } catch {
    // The limit is reached.
  }
}
