import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { type PoolWorkload, recommendPool } from "./recommend-pool.ts";

const WITHOUT_LOCK = { freeThreaded: true, gilEnabled: false };
const LOCK_ENABLED_AGAIN = { freeThreaded: true, gilEnabled: true };

describe("with 8 cores", () => {
  test.each<[string, Omit<PoolWorkload, "cores">, [string, number, number, number]]>([
    ["tools that compute", { workload: "cpu" }, ["process", 8, 1, 1]],
    ["tools that compute without the lock", { workload: "cpu", python: WITHOUT_LOCK }, ["thread", 1, 8, 1]],
    [
      "tools that compute, with the lock enabled again",
      { workload: "cpu", python: LOCK_ENABLED_AGAIN },
      ["process", 8, 1, 1],
    ],
    [
      "tools that compute and are not thread-safe",
      { workload: "cpu", python: WITHOUT_LOCK, threadSafe: false },
      ["process", 8, 1, 1],
    ],
    ["async tools that wait", { workload: "io" }, ["async", 1, 512, 8]],
    ["tools that wait", { workload: "io", asyncTools: false }, ["thread", 1, 16, 8]],
    [
      "tools that wait and are not thread-safe",
      { workload: "io", asyncTools: false, threadSafe: false },
      ["process", 16, 1, 1],
    ],
    ["tools that do both", { workload: "mixed" }, ["thread", 8, 16, 1]],
    ["tools that do both without the lock", { workload: "mixed", python: WITHOUT_LOCK }, ["thread", 1, 16, 1]],
    ["async tools that do both", { workload: "mixed", asyncTools: true }, ["async", 8, 512, 1]],
    ["tools that do both and are not thread-safe", { workload: "mixed", threadSafe: false }, ["process", 16, 1, 1]],
    ["large models", { workload: "cpu", memoryMb: 8_000, workerMemoryMb: 3_000 }, ["process", 2, 1, 4]],
    [
      "workers that do not fit at all",
      { workload: "cpu", memoryMb: 1_000, workerMemoryMb: 3_000 },
      ["process", 1, 1, 8],
    ],
  ])("%s", (_, tools, [profile, size, capacity, libraryThreads]) => {
    const { reasons, ...options } = recommendPool({ ...tools, cores: 8 });
    expect(options).toEqual({ profile, size, capacity, libraryThreads });
    expect(reasons.length).toBeGreaterThanOrEqual(2);
    expect(reasons[0]).toMatch(new RegExp(`^profile ${profile}: `));
    expect(reasons.at(-1)).toMatch(new RegExp(`^libraryThreads ${libraryThreads}: `));
  });
});

test("without a number, the pool uses the cores of this process", () => {
  expect(recommendPool({ workload: "cpu" }).size).toBe(availableParallelism());
});

test("memory that limits the size is a reason", () => {
  const { reasons } = recommendPool({ workload: "cpu", cores: 8, memoryMb: 8_000, workerMemoryMb: 3_000 });
  expect(reasons).toContain("size 2: 8000 MB are enough for 2 workers of 3000 MB");
});

test("a worker that does not fit is a reason", () => {
  const { reasons } = recommendPool({ workload: "cpu", cores: 8, memoryMb: 1_000, workerMemoryMb: 3_000 });
  expect(reasons).toContain("size 1: a worker needs 3000 MB, more than the 1000 MB of all workers together");
});

test.each([
  [{ workload: "gpu" }, 'workload must be "cpu", "io", "mixed"; got "gpu"'],
  [{ workload: "cpu", cors: 8 }, "cors is not an option of recommendPool(); did you mean cores?"],
  [undefined, "the options of recommendPool() must be an object; got undefined"],
  [{ workload: "io", asyncTools: "yes" }, 'asyncTools must be true or false; got "yes"'],
  [
    { workload: "cpu", python: "3.14" },
    'python must be { freeThreaded, gilEnabled }, as in describeEnvironment(); got "3.14"',
  ],
  [{ workload: "cpu", cores: 0 }, "cores must be an integer of at least 1; got 0"],
  [{ workload: "cpu", memoryMb: 8_000 }, "workerMemoryMb must be set together with memoryMb; got undefined"],
])("%j is rejected", (tools, message) => {
  expect(() => recommendPool(tools as PoolWorkload)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", message }),
  );
});
