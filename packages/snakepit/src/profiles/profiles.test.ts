import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type PoolConfig, python, Snakepit } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const TOOLS = join(import.meta.dirname, "../testing/profile_tools.py");

const options = commonOptions();

function start(config: Partial<PoolConfig>): Promise<Snakepit> {
  return Snakepit.start({ worker: python(TOOLS), size: 1, ...options(), ...LONG_TIME_LIMITS, ...config });
}

/** Resolves when a worker has printed a line. */
function printed(pit: Snakepit, line: string): Promise<void> {
  return new Promise((resolve) => {
    const remove = pit.on("worker.log", ({ message }) => {
      if (message !== line) return;
      remove();
      resolve();
    });
  });
}

describe.each(["thread", "async"] as const)("the profile %s", (profile) => {
  test("executes several calls of one worker at the same time", async () => {
    await using pit = await start({ profile });
    const pids = await Promise.all([1, 2, 3, 4].map(() => pit.execute<number>("meet", { name: "a", count: 4 })));
    expect(new Set(pids).size).toBe(1);
    const atOnce = await Promise.all([1, 2, 3, 4].map(() => pit.execute<number>("gather_calls", { count: 4 })));
    expect(atOnce).toEqual([4, 4, 4, 4]);
  });

  test("is reported with its capacity", async () => {
    await using pit = await start({ profile, capacity: 12 });
    expect(pit.workers()).toMatchObject([{ capacity: 12, profile: { name: profile } }]);
    expect(pit.workers()[0]?.profile?.metadata).toHaveProperty("threads");
    expect(pit.config.pools["default"]).toMatchObject({ profile, capacity: 12 });
  });

  test("fails all calls of a worker that crashes, and retries those that may be executed twice", async () => {
    await using pit = await start({ profile, poison: { crashes: 0 } });
    const waiting = printed(pit, "waiting");
    const neighbor = failure(pit.execute("wait_for_release"));
    await waiting;
    const retried = pit.execute<number>("meet", { name: "b", count: 2 }, { idempotent: true });
    const crash = failure(pit.execute("crash"));
    expect((await crash).code).toBe("WORKER_CRASHED");
    expect((await neighbor).code).toBe("WORKER_CRASHED");
    const pid = await pit.execute<number>("meet", { name: "b", count: 2 });
    expect(await retried).toBe(pid);
  });

  test("a call that ignores its cancellation does not end its neighbors; then its worker is replaced", async () => {
    await using pit = await start({ profile, cancelGraceMs: 200 });
    const [old] = pit.workers();
    const waiting = printed(pit, "waiting");
    const neighbor = pit.execute<string>("wait_for_release");
    await waiting;
    const ignoring = printed(pit, "ignoring");
    const controller = new AbortController();
    const ignored = failure(pit.execute("ignore_cancellation", {}, { signal: controller.signal }));
    await ignoring;
    const recycled = new Promise((resolve) => pit.on("worker.recycled", resolve));
    controller.abort();
    expect((await ignored).code).toBe("CANCELLED");
    await until("the replacement is ready", () => pit.workers().some(({ id }) => id !== old?.id));
    expect(await pit.execute("pid")).not.toBe(old?.pid);
    expect(pit.workers().find(({ id }) => id === old?.id)).toMatchObject({ load: 2, activity: "stuck" });
    // Its calls end with it, but only within recycle.graceMs, which is long: the neighbor is still running.
    expect(pit.stats()).toMatchObject({ active: 2 });
    void neighbor.catch(() => {});
    await pit.recycle(old!.id, { graceMs: 0 });
    expect(await recycled).toMatchObject({ reason: "unresponsive" });
    const lost = await failure(neighbor);
    expect(lost.code).toBe("WORKER_CRASHED");
    expect(lost.message).toContain('because a cancelled call of tool "ignore_cancellation" did not stop');
  });
});

test("500 calls that wait are executed by one async worker at the same time", async () => {
  await using pit = await start({ profile: "async" });
  const seen = await Promise.all(
    Array.from({ length: 500 }, () => pit.execute<number>("gather_calls", { count: 500 })),
  );
  expect(Math.max(...seen)).toBe(500);
});

test("the workers of a map get as many items as they have capacity", async () => {
  await using pit = await start({ profile: "async", capacity: 50 });
  let most = 0;
  const items = Array.from({ length: 60 }, () => ({ count: 50 }));
  for await (const seen of pit.map<number>("gather_calls", items)) most = Math.max(most, seen);
  expect(most).toBe(50);
});

test("numeric libraries use one thread by default, and as many as configured", async () => {
  await using one = await start({});
  expect(await one.execute("thread_count_of_libraries")).toBe("1");
  await using three = await start({ libraryThreads: 3 });
  expect(await three.execute("thread_count_of_libraries")).toBe("3");
});

test("a profile of the user is loaded from its module", async () => {
  const directory = await mkdtemp(join(tmpdir(), "snakepit-profile-"));
  try {
    const file = join(directory, "my_profiles.py");
    await writeFile(
      file,
      "import threading\nfrom snakepit_bridge.profiles import Profile\nclass Mine(Profile):\n" +
        "    default_capacity = 7\n    def execute(self, call):\n" +
        "        threading.Thread(target=call.run, daemon=True).start()\n" +
        "    def metadata(self):\n        return {'load': str(self.load())}\n",
    );
    await using pit = await start({ profile: `${file}:Mine` });
    expect(pit.workers()).toMatchObject([{ capacity: 7, profile: { name: `${file}:Mine`, metadata: { load: "0" } } }]);
    await Promise.all([1, 2].map(() => pit.execute("meet", { name: "c", count: 2 })));
    const error = await failure(start({ profile: `${file}:Other` }));
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).toContain("my_profiles.py has no class 'Other'; its profiles are Mine");
  } finally {
    await rm(directory, { recursive: true });
  }
});

test.each([
  [{ capacity: 4 }, 'capacity must be 1 with the profile "process", whose workers execute one call at a time; got 4'],
  [{ profile: "threads" }, 'profile must be "process", "thread", "async" or "module:Class"; got "threads"'],
  [{ profile: "thread", capacity: 0 }, "capacity must be an integer from 1 to 10000; got 0"],
  [{ libraryThreads: "2" }, 'libraryThreads must be an integer from 1 to 10000; got "2"'],
])("rejects %j", async (config, message) => {
  const error = await failure(start(config as never));
  expect(error.code).toBe("INVALID_CONFIG");
  expect(error.message).toContain(message);
});
