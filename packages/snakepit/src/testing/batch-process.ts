// Runs a batch with map(), and writes the memory of the host and its workers as JSON. Its arguments: the number of
// items, and the options of map() as JSON, in which `progress: true` stands for a function. Node.js is run with
// --expose-gc, in a process of its own without the test runner, whose memory changes as well.
import { readFileSync } from "node:fs";
import { python, Snakepit } from "../index.ts";
import { LONG_TIME_LIMITS } from "./host-under-test.ts";

/** What the process writes. Memory is the resident memory in MiB: of the host, then of each worker. */
export interface BatchReport {
  readonly read: number;
  readonly sum: number;
  /** The number of items in the last call of `onProgress`. */
  readonly reported: number;
  /** The memory after a fifth of the items: by then, all that is created once exists. */
  readonly base: readonly number[];
  /** The maximum after that. */
  readonly most: readonly number[];
  readonly itemsPerSecond: number;
}

const MIB = 1_048_576;
const SAMPLES = 20;

const items = Number(process.argv[2]);
const { progress = false, ...options } = JSON.parse(process.argv[3] ?? "{}") as { progress?: boolean };

await using pit = await Snakepit.start(
  {
    ...LONG_TIME_LIMITS,
    worker: python(new URL("batch_tools.py", import.meta.url)),
    size: 2,
    logger: false,
    registry: { path: String(process.argv[4]) },
  },
  { waitForWorkers: "all" },
);

function memory(): number[] {
  globalThis.gc?.();
  const workers = pit.workers().map(({ pid }) => {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024;
  });
  return [process.memoryUsage().rss / MIB, ...workers];
}

function* numbers(): Generator<{ number: number }> {
  for (let number = 0; number < items; number++) yield { number };
}

let [read, sum, reported] = [0, 0, 0];
let base: number[] = [];
let most: number[] = [];
const onProgress = ({ done }: { readonly done: number }) => {
  reported = done;
};
const since = performance.now();
for await (const result of pit.map<number>("double", numbers(), { ...options, ...(progress && { onProgress }) })) {
  read += 1;
  sum += result;
  if (read % (items / SAMPLES) !== 0 || read < items / 5) continue;
  const sample = memory();
  if (base.length === 0) base = sample;
  most = sample.map((each, index) => Math.max(each, most[index] ?? 0));
}
const itemsPerSecond = Math.round((1_000 * read) / (performance.now() - since));
const report: BatchReport = { read, sum, reported, base, most, itemsPerSecond };
process.stdout.write(JSON.stringify(report));
