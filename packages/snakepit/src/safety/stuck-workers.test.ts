import { join } from "node:path";
import type { WorkerExit } from "@snakepit/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { isAlive, until } from "../testing/processes.ts";

const TOOLS = join(import.meta.dirname, "../testing/stuck_tools.py");
/** Longer than a machine under load keeps a worker from sending a heartbeat. */
const HEARTBEATS = { heartbeatIntervalMs: 100, heartbeatTimeoutMs: 3_000 } as const;

const options = commonOptions();

/** Resolves with the pid of the worker after the one with this pid. */
async function replacementOf(pit: Snakepit, pid: number): Promise<number> {
  const next = await pit.execute<number>("pid");
  expect(next).not.toBe(pid);
  await until("the stuck process is gone", () => !isAlive(pid));
  return next;
}

/** Calls a tool that does not stop, and returns its worker and how that ended. */
async function stopped(pit: Snakepit, tool: string): Promise<{ readonly pid: number; readonly exit: WorkerExit }> {
  for (;;) {
    const pid = await pit.execute<number>("pid");
    const exited = new Promise<WorkerExit>((resolve) => {
      const remove = pit.on("worker.exited", ({ exit }) => {
        remove();
        resolve(exit);
      });
    });
    // Time for the tool to begin, also on a machine under load: one that has not begun stops at once.
    const call = failure(pit.execute(tool, {}, { timeoutMs: 2_000 }));
    expect(pit.workers()).toMatchObject([{ activity: "busy", pid }]);
    expect((await call).code).toBe("DEADLINE_EXCEEDED");
    expect(pit.workers()[0]?.activity).toBe("stuck");
    const exit = await exited;
    // Python reads the frames of threads that run meanwhile, which may be freed (decision 39). On a machine under load,
    // the worker may be killed before it has written them.
    if (exit.signal !== "SIGSEGV" && exit.stacks?.includes(`in ${tool}`)) return { pid, exit };
    await replacementOf(pit, pid);
  }
}

describe.each([
  {
    startMethod: "fork",
    holding: ["sleep_in_c", "backtrack"],
    ignoring: ["spin_regardless", "wait_for_lock_regardless"],
  },
  { startMethod: "spawn", holding: ["sleep_in_c"], ignoring: ["sleep_in_c"] },
] as const)("a worker ($startMethod)", ({ startMethod, holding, ignoring }) => {
  let pit: Snakepit;
  beforeAll(async () => {
    pit = await Snakepit.start({
      ...LONG_TIME_LIMITS,
      ...HEARTBEATS,
      ...options(),
      worker: python(TOOLS, { startMethod }),
      size: 1,
      cancelGraceMs: 300,
    });
  });
  afterAll(() => pit.close());

  test.each(holding)(
    "that holds the interpreter lock (%s) is replaced, and the error shows its stacks",
    async (tool) => {
      const pid = await pit.execute<number>("pid");
      const error = await failure(pit.execute(tool));
      expect(error.code).toBe("WORKER_HUNG");
      expect(error.message).toContain(
        `worker "${error.workerId}" (pid ${pid}) hung during a call of tool "${tool}": it sent no heartbeat for 3000 ms and was killed; run code that holds the GIL for longer in a child process, or increase heartbeatTimeoutMs; Python stacks:\n`,
      );
      expect(error.message).toMatch(new RegExp(`stuck_tools\\.py", line \\d+ in ${tool}$`, "m"));
      expect(error.message).not.toContain("snakepit_bridge");
      expect(error.details["stacks"]).toMatch(new RegExp(`stuck_tools\\.py", line \\d+ in ${tool}$`, "m"));
      await replacementOf(pit, pid);
    },
  );

  test("that is stopped by SIGSTOP is replaced, and the error shows its stacks", async () => {
    const pid = await pit.execute<number>("pid");
    const call = failure(pit.execute("wait_for_lock"));
    await until("the call runs", () => pit.workers()[0]?.activity === "busy");
    process.kill(pid, "SIGSTOP");
    const error = await call;
    expect(error.code).toBe("WORKER_HUNG");
    expect(error.details).toMatchObject({
      signal: expect.stringMatching(/^SIG(ABRT|SEGV)$/),
      stacks: expect.stringContaining("File "),
    });
    await replacementOf(pit, pid);
  });

  test("whose stacks cannot be written is replaced, and the error states why", async () => {
    const pid = await pit.execute<number>("pid");
    const error = await failure(pit.execute("hide_stacks"));
    expect(error.code).toBe("WORKER_HUNG");
    expect(error.message).toContain("it wrote no Python stacks: ");
    expect(error.details["stacks"]).toBeUndefined();
    await replacementOf(pit, pid);
  });

  test.each(ignoring)(
    "that does not stop a cancelled call (%s) is stuck, then replaced, and its exit event has the stacks",
    async (tool) => {
      const { pid, exit } = await stopped(pit, tool);
      expect(exit.stacks).toMatch(new RegExp(`stuck_tools\\.py", line \\d+ in ${tool}$`, "m"));
      await replacementOf(pit, pid);
    },
  );
});

test.each(["spin", "wait_for_lock"])(
  "a tool that never ends (%s) is stopped at its deadline, the error shows where it was, and its worker continues",
  async (tool) => {
    await using pit = await Snakepit.start({ ...LONG_TIME_LIMITS, ...options(), worker: python(TOOLS), size: 1 });
    const pid = await pit.execute<number>("pid");
    let error = await failure(pit.execute(tool, {}, { timeoutMs: 300 }));
    // On a machine under load, the stack may arrive too late for the error, or the tool may not have started.
    while (!error.python?.traceback.includes(`in ${tool}`)) {
      expect(error.code).toBe("DEADLINE_EXCEEDED");
      error = await failure(pit.execute(tool, {}, { timeoutMs: 300 }));
    }
    expect(await pit.execute("pid")).toBe(pid);
  },
);

test("workers() shows how long ago an idle and a busy worker made progress", async () => {
  await using pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    ...options(),
    heartbeatIntervalMs: 50,
    worker: python(TOOLS),
    size: 1,
  });
  await pit.execute("pid");
  await until("a heartbeat arrives", () => pit.workers()[0]?.sinceProgressMs !== undefined);
  expect(pit.workers()[0]).toMatchObject({ activity: "idle", load: 0 });
  const stop = new AbortController();
  const call = failure(pit.execute("spin", {}, { signal: stop.signal }));
  await until("the tool has made no progress for a while", () => (pit.workers()[0]?.sinceProgressMs ?? 0) > 500);
  expect(pit.workers()[0]).toMatchObject({ activity: "busy", load: 1 });
  stop.abort();
  expect((await call).code).toBe("CANCELLED");
  await until("the worker is idle again", () => pit.workers()[0]?.activity === "idle");
});
