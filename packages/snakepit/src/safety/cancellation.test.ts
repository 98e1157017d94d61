import { getEventListeners } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterAll, describe, expect, test } from "vitest";
import { python, Snakepit, SnakepitError } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const TOOLS = join(import.meta.dirname, "../testing/tools.py");
/** The grace period of a worker that must stop its tool: longer than a machine under load takes for that. */
const LONG_GRACE_MS = 60_000;
/** The grace period of a worker that ignores cancellation. */
const SHORT_GRACE_MS = 300;
/** Calls with one signal: two thousand in the ordinary suite, more in the long form, or any number. */
const SIGNAL_CALLS = Number(process.env["SNAKEPIT_SIGNAL_CALLS"] ?? (LONG_TESTS ? 5_000 : 2_000));

let pit: Snakepit;
let pid: number;

/** The pools so far, by grace period; each test leaves the pool idle, with a worker. */
const pits = new Map<number, Promise<Snakepit>>();

/** Sets the pool of the test, and the process of its worker. */
async function start(cancelGraceMs: number): Promise<void> {
  const options = { ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1, cancelGraceMs, logger: false } as const;
  const started = pits.get(cancelGraceMs) ?? Snakepit.start(options);
  pits.set(cancelGraceMs, started);
  pit = await started;
  pid = await pit.execute<number>("pid");
}

afterAll(async () => {
  for (const started of pits.values()) await (await started).close();
});

type Cancellation = (
  call: (options: { signal?: AbortSignal; timeoutMs?: number }) => Promise<unknown>,
) => Promise<string>;

const byAbort: Cancellation = async (call) => {
  const controller = new AbortController();
  const running = toolStarted();
  const outcome = codeOf(call({ signal: controller.signal }));
  await running;
  controller.abort(new Error("cancelled by the test"));
  return outcome;
};

/** A deadline that passes before the tool has started tests nothing; then it is tried again with a later one. */
const byDeadline: Cancellation = async (call) => {
  for (let timeoutMs = 500; ; timeoutMs *= 2) {
    let hasStarted = false;
    void toolStarted().then(() => (hasStarted = true));
    const code = await codeOf(call({ timeoutMs }));
    // What the tool has reported arrives before the answer of a later call; the next attempt must not receive it.
    await pit.execute("pid");
    if (hasStarted || code !== "DEADLINE_EXCEEDED") return code;
  }
};

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    return `a value: ${String(await call)}`;
  } catch (error) {
    if (!(error instanceof SnakepitError)) throw error;
    return error.code;
  }
}

/** Resolves when a tool has started, which each tool reports on stdout. */
function toolStarted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = pit.on("worker.log", ({ message }) => {
    if (message !== "started") return;
    unsubscribe();
    resolve();
  });
  return promise;
}

describe.each([
  ["abort", byAbort, "CANCELLED"],
  ["deadline", byDeadline, "DEADLINE_EXCEEDED"],
] as const)("cancelling a call by %s", (_, cancel, code) => {
  test.each(["sleep", "spin", "sleep_async"])("in %s frees the worker", async (tool) => {
    await start(LONG_GRACE_MS);
    expect(await cancel((options) => pit.execute(tool, { seconds: 60 }, options))).toBe(code);
    expect(await pit.execute("pid")).toBe(pid);
  });

  test.each([
    ["hold_gil", 60],
    ["ignore_cancellation", 60],
  ])("in %s, which ignores cancellation, replaces the worker", async (tool, seconds) => {
    await start(SHORT_GRACE_MS);
    expect(await cancel((options) => pit.execute(tool, { seconds }, options))).toBe(code);
    expect(await pit.execute("pid")).not.toBe(pid);
  });

  test.each(["count", "count_async"])("between the chunks of %s frees the worker", async (tool) => {
    await start(LONG_GRACE_MS);
    const consume = async (options: { signal?: AbortSignal; timeoutMs?: number }) => {
      let last: unknown;
      for await (const chunk of pit.stream(tool, { to: 1_000_000, seconds: 0.01 }, options)) last = chunk;
      return last;
    };
    expect(await cancel(consume)).toBe(code);
    expect(await pit.execute("pid")).toBe(pid);
  });
});

test("a call that is cancelled in the queue is never executed", async () => {
  await start(LONG_GRACE_MS);
  const running = toolStarted();
  const blocking = new AbortController();
  const blocker = codeOf(pit.execute("sleep", { seconds: 60 }, { signal: blocking.signal, timeoutMs: "2m" }));
  await running;
  const controller = new AbortController();
  const aborted = codeOf(pit.execute("leave", { status: 1 }, { signal: controller.signal }));
  const late = codeOf(pit.execute("leave", { status: 1 }, { timeoutMs: 50 }));
  const queueTimeout = codeOf(pit.execute("leave", { status: 1 }, { queueTimeoutMs: 50 }));
  expect(pit.stats().queued).toBe(3);
  controller.abort();
  expect(await Promise.all([aborted, late, queueTimeout])).toEqual(["CANCELLED", "DEADLINE_EXCEEDED", "QUEUE_TIMEOUT"]);
  blocking.abort();
  expect(await blocker).toBe("CANCELLED");
  expect(await pit.execute("pid")).toBe(pid);
});

test("a call whose signal has already aborted is not queued", async () => {
  await start(LONG_GRACE_MS);
  const error = await pit
    .execute("leave", { status: 1 }, { signal: AbortSignal.abort(new Error("changed my mind")) })
    .catch((e: unknown) => e);
  expect(error).toMatchObject({ code: "CANCELLED", cause: new Error("changed my mind") });
  expect(await pit.execute("pid")).toBe(pid);
});

test("leaving a loop frees the worker", async () => {
  await start(LONG_GRACE_MS);
  for await (const number of pit.stream<number>("count", { to: 1_000_000 })) if (number === 10) break;
  expect(await pit.execute("pid")).toBe(pid);
});

test("the caller does not wait for a worker that ignores cancellation", async () => {
  await start(SHORT_GRACE_MS);
  const controller = new AbortController();
  const running = toolStarted();
  const call = codeOf(pit.execute("hold_gil", { seconds: 60 }, { signal: controller.signal }));
  await running;
  controller.abort();
  // The worker is still stuck when the call rejects: it is killed after the grace period.
  expect(await call).toBe("CANCELLED");
  expect(pit.workers()[0]?.pid).toBe(pid);
  await until("the worker is replaced", () => pit.workers()[0]?.pid !== pid && pit.workers()[0]?.state === "ready");
});

test("a signal that is shared by many calls has no listener afterwards", {
  timeout: 300_000 + SIGNAL_CALLS,
}, async () => {
  await start(LONG_GRACE_MS);
  const { signal } = new AbortController();
  let left = SIGNAL_CALLS;
  let most = 0;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await pit.execute("echo", { value: left }, { signal });
      most = Math.max(most, getEventListeners(signal, "abort").length);
    }
  };
  await Promise.all(Array.from({ length: 50 }, caller));
  expect(most).toBe(1);
  await sleep(0);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
