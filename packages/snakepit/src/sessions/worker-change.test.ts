import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { python, type Session, Snakepit, SnakepitError } from "../index.ts";
import { until } from "../testing/processes.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;

let pit: Snakepit;
let session: Session;
let pid: number;
let workerId: string;

beforeEach(async () => {
  pit = await Snakepit.start({ worker: python(TOOLS), size: 3, logger: false });
  await pit.ready();
  session = await pit.session("s");
  await session.variables.register("n", { type: "integer", value: 7 });
  await session.programs.store("p", { answer: 42 });
  pid = await session.execute<number>("pid");
  workerId = pit.workers().find((worker) => worker.pid === pid)?.id ?? "";
});
afterEach(() => pit.close());

/** Ways in which a session loses its worker. Each resolves when the next call may start. */
const LOSSES: Readonly<Record<string, () => Promise<unknown>>> = {
  killed: async () => {
    const gone = new Promise((resolve) => pit.on("worker.exited", resolve));
    process.kill(pid, "SIGKILL");
    await gone;
  },
  recycled: () => pit.recycle(workerId),
  draining: async () => {
    // The worker is still busy while it drains.
    const begun = new Promise<void>((resolve) => {
      pit.on("worker.log", ({ message }) => message === "started" && resolve());
    });
    const holding = session.execute("hold", { seconds: 0.5 }, { affinity: "strict-queue" });
    await begun;
    const recycled = pit.recycle(workerId);
    await until("the old worker drains", () =>
      pit.workers().some(({ id, state }) => id === workerId && state === "draining"),
    );
    cleanUp.push(holding, recycled);
  },
};
const cleanUp: Promise<unknown>[] = [];
afterEach(async () => {
  await Promise.all(cleanUp.splice(0));
});

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
  let held: Promise<unknown>;
  beforeEach(async () => {
    const begun = new Promise<void>((resolve) => {
      pit.on("worker.log", ({ message }) => message === "started" && resolve());
    });
    held = session.execute("hold", { seconds: 0.3 }, { affinity: "strict-queue" });
    await begun;
  });
  afterEach(() => held);

  test("with the affinity hint uses another worker", async () => {
    expect(await session.execute("pid", {}, { affinity: "hint" })).not.toBe(pid);
  });

  test("with the affinity strict-queue waits for it", async () => {
    expect(await session.execute("pid", {}, { affinity: "strict-queue" })).toBe(pid);
    expect(await held).toBe(pid);
  });

  test("with the affinity strict-fail fails", async () => {
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
  expect(pit.stats("default")).toMatchObject({ workers: 3, size: 3, errors: 0 });
});
