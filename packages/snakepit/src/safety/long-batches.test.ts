import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterAll, beforeAll, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import type { BatchReport } from "../testing/batch-process.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";
import { RandomNumbers, seedFrom } from "../testing/random-numbers.ts";

/** Items of each batch: 20,000 in the ordinary suite, 1,000,000 in the long form. */
const ITEMS = LONG_TESTS ? 1_000_000 : 20_000;
const ABORTED_BATCHES = LONG_TESTS ? 200 : 20;
const WORKERS = 2;
const LIMIT_MIB = 32;
const SEED = seedFrom("SNAKEPIT_BATCH_SEED");

const options = commonOptions();
let pit: Snakepit;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-batches-"));
  pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(join(import.meta.dirname, "../testing/batch_tools.py")),
    size: WORKERS,
    ...options(),
  });
  await pit.ready();
});
afterAll(async () => {
  await pit.close();
  rmSync(directory, { recursive: true });
});

async function runBatch(options: object): Promise<BatchReport> {
  const script = join(import.meta.dirname, "../testing/batch-process.ts");
  const registry = join(directory, "registry.db");
  const parameters = [String(ITEMS), JSON.stringify(options), registry];
  // The young generation of V8 grows up to 128 MiB, whatever is executed. Limited, it does not hide what is retained.
  const flags = ["--expose-gc", "--max-semi-space-size=8", "--conditions=source", "--no-warnings"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, ...parameters]);
  return JSON.parse(stdout);
}

const KINDS = [
  ["in order", {}],
  ["as they arrive, with progress", { ordered: false, progress: true }],
  ["in order, with progress", { progress: true }],
  ["as they arrive", { ordered: false }],
] as const;

test.skipIf(process.platform !== "linux").each(LONG_TESTS ? KINDS : KINDS.slice(0, 2))(
  "a batch of many items whose results are read %s takes constant memory",
  { timeout: 300_000 + ITEMS },
  async (_, options) => {
    const report = await runBatch(options);
    const { read, sum, reported, base, most } = report;
    if (LONG_TESTS) console.log(options, report);
    expect(read).toBe(ITEMS);
    expect(sum).toBe(ITEMS * (ITEMS - 1));
    expect(reported).toBe("progress" in options ? ITEMS : 0);
    expect(most).toHaveLength(1 + WORKERS);
    const growth = most.map((each, index) => each - (base[index] ?? 0));
    expect(Math.max(...growth)).toBeLessThan(LIMIT_MIB);
  },
);

test("a batch that is aborted at any moment settles, and no further item is read or executed", {
  timeout: 300_000,
}, async () => {
  const random = new RandomNumbers(SEED);
  const journal = join(directory, "executions");
  await pit.execute("count", { journal });
  const executed = () => statSync(journal).size;
  let slowestMs = 0;
  try {
    for (let batch = 0; batch < ABORTED_BATCHES; batch++) {
      const before = executed();
      const abort = new AbortController();
      let [taken, done, abortedAt] = [0, 0, 0];
      const endAt = random.below(500);
      const end = () => {
        abortedAt = performance.now();
        abort.abort("enough");
      };
      function* items() {
        for (;;) {
          if (atItem && taken === endAt) setImmediate(end);
          taken += 1;
          yield { journal };
        }
      }
      const atItem = random.next() < 0.5;
      const results = pit.map("count", items(), {
        concurrency: 1 + random.below(32),
        ordered: random.next() < 0.5,
        signal: abort.signal,
        onProgress: (progress) => {
          done = progress.done;
          if (!atItem && done === endAt + 1) end();
        },
      });
      const read = async () => {
        for await (const _ of results) continue;
      };
      const error = await failure(random.next() < 0.5 ? results : read());
      slowestMs = Math.max(slowestMs, performance.now() - abortedAt);
      expect(error).toMatchObject({ code: "CANCELLED", cause: "enough" });
      const takenThen = taken;
      await until("the calls that ran have ended", () => pit.stats().active === 0);
      const executedThen = executed();
      // The workers answer later calls, so none has an earlier one.
      await Promise.all(pit.workers().map(() => pit.execute("double", { number: 1 })));
      expect(taken).toBe(takenThen);
      expect(executed()).toBe(executedThen);
      expect(executedThen - before).toBeGreaterThanOrEqual(done);
      expect(executedThen - before).toBeLessThanOrEqual(taken);
    }
    expect(pit.stats()).toMatchObject({ active: 0, queued: 0, busy: 0, available: WORKERS });
  } finally {
    console.log(`SNAKEPIT_BATCH_SEED=${SEED}, the slowest batch settled ${slowestMs.toFixed(1)} ms after its signal`);
  }
});
