import type { CallLineage } from "@snakepit/core";
import type { PoolOccupancy } from "@snakepit/pool";
import { describe, expect, test } from "vitest";
import { findDeadlock } from "./wait-for-graph.ts";

/** `"a > b > c"`: c is nested in b, and b in a. */
function lineage(text: string): CallLineage | undefined {
  let parent: CallLineage | undefined;
  for (const id of text.split(" > ").filter(Boolean)) parent = { correlationId: id, pool: "p", tool: id, parent };
  return parent;
}

/**
 * Each active call has its own worker, named after it; `"a > b @ a"`: b waits for the worker that executes a;
 * `"a > b # tool"`: b waits until fewer calls of the tool run.
 *
 * @param limits the calls of each tool that use its limit.
 */
function pool(
  size: number,
  running: readonly string[],
  queued: readonly string[] = [],
  limits: Readonly<Record<string, readonly string[]>> = {},
): PoolOccupancy {
  return {
    full: running.length >= size,
    running: running.map((correlationId) => ({ correlationId, workerId: correlationId })),
    queued: queued.map((text) => {
      const [path = "", throttledTool] = text.split(" # ");
      const [chain = "", waitsFor] = path.split(" @ ");
      const { correlationId, parent } = lineage(chain) as CallLineage;
      return { correlationId, parent, waitsFor, throttledTool };
    }),
    limits: Object.entries(limits).map(([tool, holders]) => ({ tool, running: holders })),
  };
}

function found(pools: Record<string, PoolOccupancy>): string | undefined {
  return findDeadlock(new Map(Object.entries(pools)))?.call.correlationId;
}

describe("a deadlock is", () => {
  test("a call that waits for the only worker, which waits for it", () => {
    expect(found({ p: pool(1, ["a"], ["a > b"]) })).toBe("b");
  });

  test("a chain that holds every worker", () => {
    expect(found({ p: pool(3, ["a", "b", "c"], ["a > b > c > d"]) })).toBe("d");
  });

  test("several chains that hold all workers together; the last one in the queue is found", () => {
    expect(found({ p: pool(2, ["a", "x"], ["a > b", "x > y"]) })).toBe("y");
  });

  test("two pools that wait for each other", () => {
    expect(found({ p: pool(1, ["a"], ["x > y"]), q: pool(1, ["x"], ["a > b"]) })).toMatch(/^[by]$/);
  });

  test("a call that waits for its caller's worker while others are free", () => {
    expect(found({ p: pool(4, ["a", "busy"], ["a > b @ a"]) })).toBe("b");
  });

  test("a call that waits for a place of a tool with a limit, which its caller uses, while workers are free", () => {
    expect(found({ p: pool(9, ["a"], ["a > b # t"], { t: ["a"] }) })).toBe("b");
  });

  test("calls of two tools with limits that wait for each other", () => {
    const limits = { t: ["a"], u: ["x"] };
    expect(found({ p: pool(9, ["a", "x"], ["a > b # u", "x > y # t"], limits) })).toMatch(/^[by]$/);
  });

  test("a call that waits for a place of a tool, which a call uses that is queued behind its caller", () => {
    expect(found({ p: pool(1, ["a"], ["other", "a > b # t"], { t: ["other"] }) })).toBe("b");
  });

  test("found when calls from outside are queued as well", () => {
    expect(found({ p: pool(1, ["a"], ["other", "a > b", "another"]) })).toBe("b");
  });
});

describe("a deadlock is not", () => {
  test("a call that waits for a place of a tool, which another call uses", () => {
    expect(found({ p: pool(9, ["a", "busy"], ["a > b # t"], { t: ["a", "busy"] }) })).toBeUndefined();
    expect(found({ p: pool(9, ["a"], ["a > b # t", "other"], { t: ["other"] }) })).toBeUndefined();
  });

  test("a queue behind calls that do not wait", () => {
    expect(found({ p: pool(2, ["a", "busy"], ["a > b"]) })).toBeUndefined();
    expect(found({ p: pool(1, ["busy"], ["other"]) })).toBeUndefined();
  });

  test("a call that waits for one worker which makes progress", () => {
    expect(found({ p: pool(2, ["a", "busy"], ["a > b @ busy"]) })).toBeUndefined();
  });

  test("a pool with a free worker", () => {
    expect(found({ p: pool(2, ["a"], ["a > b"]) })).toBeUndefined();
  });

  test("a call that waits for another pool which makes progress", () => {
    expect(found({ p: pool(1, ["a"]), q: pool(1, ["busy"], ["a > b"]) })).toBeUndefined();
    expect(found({ p: pool(1, ["a"], ["other"]), q: pool(1, ["busy"], ["a > b"]) })).toBeUndefined();
  });

  test("a chain whose middle call runs in a pool with a free worker", () => {
    expect(found({ p: pool(1, ["a"], ["a > b > c"]), q: pool(4, ["b"]) })).toBe("c");
    expect(found({ p: pool(1, ["z"], ["a > b > c"]), q: pool(1, ["b", "a"]) })).toBeUndefined();
  });
});
