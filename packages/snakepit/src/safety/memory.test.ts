import { join } from "node:path";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterAll, beforeAll, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { hostMemory, memoryGrowth } from "../testing/memory-growth.ts";

const TOOLS = join(import.meta.dirname, "../testing/tools.py");
/** Calls of each kind: several hundred in the ordinary suite. All together send at least 2 MB. */
const CALLS = LONG_TESTS ? 2_000 : 800;
const BYTES = 2_000_000 / CALLS;
const MIB = 1_048_576;

const options = commonOptions();
let pit: Snakepit;
beforeAll(async () => {
  pit = await Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1, ...options() });
});
afterAll(() => pit.close());

const letters = "x".repeat(BYTES);
const KINDS: Readonly<Record<string, () => Promise<unknown>>> = {
  "a value": () => pit.execute("echo", { value: { letters } }),
  bytes: () => pit.execute("echo", { value: Buffer.from(letters) }),
  "an array": () => pit.execute("echo", { value: new Float64Array(BYTES) }),
  "a stream": async () => {
    for await (const _ of pit.stream("large_chunks", { sizes: [BYTES] })) {
      // Discards the chunks.
    }
  },
  "an exception": () => failure(pit.execute("fail", { message: letters })),
};

test.each(Object.entries(KINDS))(
  "neither the host nor the worker retains memory of a call with %s",
  async (_, call) => {
    const memory = async () => ({ host: await hostMemory(), workers: await pit.execute<number>("memory") });
    const use = async () => {
      for (let i = 0; i < CALLS; i++) await call();
    };
    // The first calls create the objects that are created once and kept.
    await use();
    const growth = await memoryGrowth(memory, use, MIB);
    // Each call sends its bytes once; if they were kept, all together would exceed the limit.
    expect(growth.host).toBeLessThan(MIB);
    expect(growth.workers).toBeLessThan(MIB);
  },
);
