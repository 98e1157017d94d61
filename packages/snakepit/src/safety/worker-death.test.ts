import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { python, Snakepit, SnakepitError } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const TOOLS = join(import.meta.dirname, "../testing/tools.py");

async function failureOf(call: Promise<unknown>): Promise<SnakepitError> {
  const outcome = await call.then(
    (value) => new Error(`the call succeeded with ${String(value)}`),
    (error: unknown) => error,
  );
  if (!(outcome instanceof SnakepitError)) throw outcome;
  return outcome;
}

test("a worker that crashes during a call fails the call with the signal and the last lines of stderr", async () => {
  await using pit = await Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1, logger: false });
  const error = await failureOf(pit.execute("die", { signal_name: "SIGSEGV", stderr: "the pipe burst" }));
  expect(error.code).toBe("WORKER_CRASHED");
  expect(error.details).toMatchObject({ signal: "SIGSEGV" });
  expect(String(error.details["stderrTail"])).toContain("the pipe burst");
  expect(await pit.execute("echo", { value: "ready" })).toBe("ready");
});

test("a worker that exits during a call fails the call with its exit code", async () => {
  await using pit = await Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1, logger: false });
  const error = await failureOf(pit.execute("leave", { status: 7 }));
  expect(error.code).toBe("WORKER_CRASHED");
  expect(error.details).toMatchObject({ exitCode: 7 });
});

test("30 rounds of killing 2 of 8 workers under 16 callers: every promise settles and no process or row is left", async () => {
  await using pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 8,
    restart: { maxRestarts: 1_000, withinMs: "1m" },
    // Several rounds may pass before any caller receives an answer.
    poison: { crashes: 0 },
    logger: false,
  });
  await pit.ready();
  const descriptors = openDescriptors();
  let killing = true;
  let crashed = 0;
  let answered = 0;
  const caller = async () => {
    while (killing) {
      try {
        await pit.execute("sleep", { seconds: 0.005 });
        answered += 1;
      } catch (error) {
        if (!(error instanceof SnakepitError && error.code === "WORKER_CRASHED")) throw error;
        crashed += 1;
      }
    }
  };
  const callers = Array.from({ length: 16 }, caller);
  for (let round = 0; round < 30; round++) {
    await until("8 workers are ready", () => readyPids(pit).length === 8);
    const victims = readyPids(pit).slice(0, 2);
    for (const pid of victims) process.kill(pid, "SIGKILL");
    await until("both are noticed", () => !readyPids(pit).some((pid) => victims.includes(pid)));
  }
  killing = false;
  await Promise.all(callers);
  await until("the pool is back at 8", () => readyPids(pit).length === 8);
  expect(answered).toBeGreaterThan(0);
  expect(crashed).toBeGreaterThan(0);
  expect(pit.stats()).toMatchObject({ workers: 8, busy: 0, queued: 0 });
  await until("no descriptor is left over", () => openDescriptors() <= descriptors);
});

function readyPids(pit: Snakepit): number[] {
  return pit
    .workers()
    .filter((worker) => worker.state === "ready")
    .map((worker) => worker.pid);
}

function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
