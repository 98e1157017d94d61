import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MapOptions, python, Snakepit } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { collectGarbage, until } from "../testing/processes.ts";
import { RandomNumbers, seedFrom } from "../testing/random-numbers.ts";

/** Items of each batch: 30,000 in the ordinary suite, 1,000,000 in the long form. */
const ITEMS = LONG_TESTS ? 1_000_000 : 30_000;
/** Items until the memory is first measured: by then, all that is created once exists. */
const WARM_UP_ITEMS = ITEMS / 5;
const SAMPLE_ITEMS = ITEMS / 20;
const ABORTED_BATCHES = LONG_TESTS ? 200 : 20;
const WORKERS = 2;
const MIB = 1_048_576;
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

function* numbers(count: number): Generator<{ number: number }> {
  for (let number = 0; number < count; number++) yield { number };
}

/** The resident memory of the host and of each worker, in MiB. */
function memory(): number[] {
  collectGarbage();
  const workers = pit.workers().map(({ pid }) => {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024;
  });
  return [process.memoryUsage().rss / MIB, ...workers];
}

let reported = 0;
const KINDS: readonly (readonly [string, MapOptions])[] = [
  ["in order", {}],
  ["as they arrive, with progress", { ordered: false, onProgress: ({ done }) => (reported = done) }],
  ["in order, with progress", { onProgress: ({ done }) => (reported = done) }],
  ["as they arrive", { ordered: false }],
];

test.skipIf(process.platform !== "linux").each(LONG_TESTS ? KINDS : KINDS.slice(0, 2))(
  "a batch of many items whose results are read %s takes constant memory",
  { timeout: 300_000 + ITEMS },
  async (_, kind) => {
    let [read, sum] = [0, 0];
    let base: number[] = [];
    let most: number[] = [];
    for await (const result of pit.map<number>("double", numbers(ITEMS), kind)) {
      read += 1;
      sum += result;
      if (read === WARM_UP_ITEMS) most = base = memory();
      else if (read > WARM_UP_ITEMS && read % SAMPLE_ITEMS === 0) {
        const sample = memory();
        most = most.map((each, index) => Math.max(each, sample[index] ?? 0));
      }
    }
    const after = memory();
    expect(read).toBe(ITEMS);
    expect(sum).toBe(ITEMS * (ITEMS - 1));
    if (kind.onProgress !== undefined) expect(reported).toBe(ITEMS);
    expect(pit.stats()).toMatchObject({ active: 0, queued: 0 });
    const growth = most.map((each, index) => each - (base[index] ?? 0));
    if (LONG_TESTS) console.log({ items: ITEMS, baseMib: base, growthMib: growth, afterMib: after });
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
