import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { python, type Session, Snakepit, SnakepitError, type SnakepitEvents } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;

let pit: Snakepit;
let session: Session;
let pid: number;
let workerId: string;

beforeAll(async () => {
  pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    shutdownGraceMs: "2m",
    worker: python(TOOLS),
    size: 3,
    logger: false,
  });
});
// Each test has its own session, and may replace workers of the pool.
beforeEach(async () => {
  await until("all workers are ready", () => pit.workers().filter(({ state }) => state === "ready").length === 3);
  session = await pit.session(randomUUID());
  await session.variables.register("n", { type: "integer", value: 7 });
  await session.programs.store("p", { answer: 42 });
  pid = await session.execute<number>("pid");
  workerId = pit.workers().find((worker) => worker.pid === pid)?.id ?? "";
});
afterAll(() => pit.close());

/** Ways to replace the worker of a session. Each resolves when the next call may start. */
const LOSSES: Readonly<Record<string, () => Promise<unknown>>> = {
  killed: async () => {
    const gone = once("worker.exited", (event) => event.pid === pid);
    process.kill(pid, "SIGKILL");
    await gone;
  },
  recycled: () => pit.recycle(workerId),
  draining: async () => {
    // The worker is still busy while it drains.
    await occupy();
    const recycled = pit.recycle(workerId);
    await until("the old worker drains", () =>
      pit.workers().some(({ id, state }) => id === workerId && state === "draining"),
    );
    cleanUp.push(() => recycled);
  },
};
const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each();
});

/** Resolves after the next event that meets a condition. */
function once<Name extends "worker.exited" | "worker.log">(
  name: Name,
  isMeant: (event: SnakepitEvents[Name]) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = pit.on(name, (event) => {
      if (!isMeant(event)) return;
      unsubscribe();
      resolve();
    });
  });
}

/** Occupies the worker of the session until the end of the test. */
async function occupy(): Promise<void> {
  const leave = new AbortController();
  const held = hold(600, leave.signal);
  cleanUp.push(async () => {
    leave.abort();
    await expect((await held).finished).rejects.toMatchObject({ code: "CANCELLED" });
  });
  await held;
}

/** Starts a call that occupies the worker of the session. Resolves when it runs. */
async function hold(seconds: number, signal?: AbortSignal): Promise<{ readonly finished: Promise<unknown> }> {
  const begun = once("worker.log", ({ message }) => message === "started");
  const options = { affinity: "strict-queue", timeoutMs: Number.POSITIVE_INFINITY } as const;
  const finished = session.execute("hold", { seconds }, signal === undefined ? options : { ...options, signal });
  finished.catch(() => {});
  await begun;
  return { finished };
}

describe.each(Object.entries(LOSSES))("when the worker of a session is %s", (_, lose) => {
  test.each(["hint", "strict-queue", "strict-fail"] as const)(
    "the next call succeeds on another worker with the same state, with affinity %s",
    async (affinity) => {
      await lose();
      const next = await session.execute<number>("pid", {}, { affinity });
      expect(next).not.toBe(pid);
      expect(await session.execute("read", { name: "n" }, { affinity })).toBe(7);
      expect(await session.execute("program", { program_id: "p" }, { affinity })).toEqual({ answer: 42 });
      expect(await session.execute("pid", {}, { affinity })).toBe(next);
    },
  );
});

describe("while the worker of a session is busy, a call", () => {
  test("with the affinity hint uses another worker", async () => {
    await occupy();
    expect(await session.execute("pid", {}, { affinity: "hint" })).not.toBe(pid);
  });

  test("with the affinity strict-queue waits for it", async () => {
    const { finished } = await hold(0.3);
    expect(await session.execute("pid", {}, { affinity: "strict-queue" })).toBe(pid);
    expect(await finished).toBe(pid);
  });

  test("with the affinity strict-fail fails", async () => {
    await occupy();
    const error = await session.execute("pid", {}, { affinity: "strict-fail" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SnakepitError);
    expect(error).toMatchObject({ code: "SESSION_WORKER_UNAVAILABLE", retryable: true });
  });
});

test("an unknown affinity and the recycling of an unknown worker are rejected", async () => {
  await expect(session.execute("pid", {}, { affinity: "strict" as never })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining("hint, strict-queue, strict-fail") as string,
  });
  await expect(pit.recycle("unknown")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("no call fails when all workers are recycled under load", async () => {
  const { errors } = pit.stats("default");
  let calling = true;
  const callers = Array.from({ length: 6 }, async () => {
    let calls = 0;
    for (; calling; calls++) expect(await session.execute("read", { name: "n" })).toBe(7);
    return calls;
  });
  const before = pit.workers().map(({ id }) => id);
  for (const id of before) await pit.recycle(id);
  calling = false;
  for (const calls of await Promise.all(callers)) expect(calls).toBeGreaterThan(0);
  expect(pit.workers().filter(({ id }) => before.includes(id))).toEqual([]);
  expect(pit.stats("default")).toMatchObject({ workers: 3, size: 3, errors });
});
