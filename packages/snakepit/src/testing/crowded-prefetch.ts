// A host whose worker is replaced while few descriptors are free; prints what each number of them allows as JSON.
// usage, under a low limit of open files: node crowded-prefetch.ts '{"registry": …}'
import { closeSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { python, Snakepit, type SnakepitConfig } from "../index.ts";
import { until } from "./processes.ts";

/** What a host does that has a number of free descriptors when its worker is replaced. */
export interface CrowdedPrefetch {
  readonly free: number;
  /** Whether the first attempt to replace the worker succeeded. */
  readonly replaced: boolean;
  /** Whether the host has opened the pipe for permits of the worker. */
  readonly hasPipe: boolean;
  /** The number of answered calls. */
  readonly answered: number;
}

const MAX_FREE = 2;
const CALLS = 30;

const config = JSON.parse(process.argv[2] ?? "{}") as Partial<SnakepitConfig>;
const pit = await Snakepit.start({
  worker: python(new URL("tools.py", import.meta.url)),
  size: 1,
  prefetch: 8,
  logger: false,
  restart: { maxRestarts: 1_000 },
  backoff: { initialMs: 1, maxMs: 1 },
  ...config,
} as SnakepitConfig);
await pit.ready();

const held: number[] = [];
const results: CrowdedPrefetch[] = [];
for (let free = 0; free <= MAX_FREE; free++) {
  const attempt = Promise.withResolvers<boolean>();
  const unsubscribes = [
    // The exit of a process releases descriptors.
    pit.on("worker.exited", () => hold(free)),
    pit.on("worker.ready", () => attempt.resolve(true)),
    pit.on("worker.start-failed", () => attempt.resolve(false)),
  ];
  hold(free);
  process.kill(pit.workers()[0]?.pid ?? 0, "SIGKILL");
  const replaced = await attempt.promise;
  for (const unsubscribe of unsubscribes) unsubscribe();
  release(held.length);
  await until("a worker is ready", () => pit.stats().available === 1);
  const hasPipe = pipes() > 0;
  const calls = Array.from({ length: CALLS }, (_, value) => pit.execute("echo", { value }));
  const answered = (await Promise.all(calls)).filter((value, index) => value === index).length;
  results.push({ free, replaced, hasPipe, answered });
}
await pit.close();
console.log(JSON.stringify({ results, pipes: pipes() }));

/** Opens files until only `free` descriptors are left. */
function hold(free: number): void {
  try {
    for (;;) held.push(openSync("/dev/null", "r"));
  } catch {
    release(free);
  }
}

function release(count: number): void {
  for (const descriptor of held.splice(0, count)) closeSync(descriptor);
}

function pipes(): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).includes(".permits");
    } catch {
      return false;
    }
  }).length;
}
