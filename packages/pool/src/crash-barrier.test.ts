import {
  type EncodedValue,
  type Instrumentation,
  noInstrumentation,
  SnakepitError,
  type WorkerExit,
} from "@snakepit/core";
import { afterEach, expect, test, vi } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request } from "./testing/pool-under-test.ts";
import type { WorkerPool } from "./worker-pool.ts";

const POISON = { crashes: 2, withinMs: 60_000 };
const SEGFAULT = { signal: "SIGSEGV" } as const;

afterEach(() => {
  vi.useRealTimers();
});

function argsOf(...bytes: number[]): EncodedValue {
  return { body: new Uint8Array(bytes), buffers: [], byteLength: bytes.length };
}

/** Executes a call whose worker ends during it, and resolves with its error. */
async function crash(
  pool: WorkerPool,
  launcher: FakeLauncher,
  exit: Partial<WorkerExit> = SEGFAULT,
  args = argsOf(1),
): Promise<SnakepitError> {
  const failed = failureOf(pool.execute(request("echo", { args })));
  launcher.alive.find(({ calls }) => calls.length > 0)?.crash(exit);
  const error = await failed;
  await pool.ready();
  return error;
}

async function poolWithBarrier(poison = POISON, options: { size?: number; capacity?: number } = {}) {
  const launcher = new FakeLauncher({ capacity: options.capacity ?? 1 });
  const poisoned: string[] = [];
  const instrumentation: Instrumentation = {
    ...noInstrumentation,
    emit: (name, event) => {
      if (name === "call.poisoned") poisoned.push((event as { tool: string }).tool);
    },
  };
  const pool = await readyPool(
    launcher,
    { size: options.size ?? 1, poison, restart: { maxRestarts: 10_000, withinMs: 60_000 } },
    instrumentation,
  );
  return { pool, launcher, poisoned };
}

test("a call that ended its workers in a row is rejected; other arguments and other tools are not", async () => {
  const { pool, launcher, poisoned } = await poolWithBarrier();
  expect((await crash(pool, launcher)).code).toBe("WORKER_CRASHED");
  expect(poisoned).toEqual([]);
  expect((await crash(pool, launcher)).code).toBe("WORKER_CRASHED");
  expect(poisoned).toEqual(["echo"]);
  expect((await failureOf(pool.execute(request("echo", { args: argsOf(1) })))).code).toBe("POISON_CALL");
  for (const [tool, args] of [
    ["echo", argsOf(2)],
    ["sleep", argsOf(1)],
  ] as const) {
    const answer = pool.execute(request(tool, { args }));
    launcher.alive[0]?.calls[0]?.value(1);
    expect(await answer).toBe(1);
  }
  await pool.close();
});

test.each([
  ["a signal of native code", { signal: "SIGABRT" }, true],
  ["SIGKILL", { signal: "SIGKILL" }, true],
  ["an exit of the process", { exitCode: 3 }, true],
  ["out of memory", { signal: "SIGKILL", cause: new SnakepitError("OUT_OF_MEMORY", "no memory") }, true],
  ["a missed heartbeat", { signal: "SIGABRT", cause: new SnakepitError("WORKER_HUNG", "hung") }, false],
  ["SIGTERM, which others send", { signal: "SIGTERM" }, false],
  ["the host, which stopped it", { signal: "SIGSEGV", requested: true }, false],
])("an end by %s counts: %#", async (_, exit, counts) => {
  const { pool, launcher } = await poolWithBarrier();
  for (let round = 0; round < 2; round++) await crash(pool, launcher, exit);
  const next = pool.execute(request("echo", { args: argsOf(1) }));
  launcher.alive[0]?.calls[0]?.value("ran");
  if (counts) expect((await failureOf(next)).code).toBe("POISON_CALL");
  else expect(await next).toBe("ran");
  await pool.close();
});

test("an answer clears the crashes of a call, because something else may have ended its workers", async () => {
  const { pool, launcher, poisoned } = await poolWithBarrier();
  for (let round = 0; round < 5; round++) {
    expect((await crash(pool, launcher)).code).toBe("WORKER_CRASHED");
    const answer = pool.execute(request("echo", { args: argsOf(1) }));
    const call = launcher.alive[0]?.calls[0];
    if (round % 2 === 0) call?.value(1);
    else call?.fail(new SnakepitError("PYTHON_EXCEPTION", "no"));
    await answer.catch(() => {});
  }
  expect(poisoned).toEqual([]);
  await pool.close();
});

test.each([
  ["SIGKILL", { signal: "SIGKILL" }, "WORKER_CRASHED", false],
  ["a signal of native code", { signal: "SIGSEGV" }, "WORKER_CRASHED", true],
  ["a limit", { signal: "SIGKILL", cause: new SnakepitError("OUT_OF_MEMORY", "no memory") }, "OUT_OF_MEMORY", true],
] as const)("workers that end at the same time by %s: %#", async (_, exit, code, isPoison) => {
  const { pool, launcher, poisoned } = await poolWithBarrier(POISON, { size: 3 });
  const failures = Array.from({ length: 3 }, () => failureOf(pool.execute(request("echo", { args: argsOf(1) }))));
  for (const worker of [...launcher.alive]) worker.crash(exit);
  expect((await Promise.all(failures)).map(({ code }) => code)).toEqual([code, code, code]);
  await pool.ready();
  expect(poisoned).toEqual(isPoison ? ["echo"] : []);
  if (!isPoison) {
    // A later one counts.
    await crash(pool, launcher, exit);
    expect(poisoned).toEqual(["echo"]);
  }
  await pool.close();
});

test("crashes are forgotten after a time", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const { pool, launcher } = await poolWithBarrier();
  await crash(pool, launcher);
  vi.advanceTimersByTime(POISON.withinMs);
  await crash(pool, launcher);
  await crash(pool, launcher);
  const rejected = await failureOf(pool.execute(request("echo", { args: argsOf(1) })));
  expect(rejected).toMatchObject({ code: "POISON_CALL", details: { forgottenInMs: 60_000 } });
  expect(rejected.message).toContain("the crashes are forgotten in 60 s (poison.withinMs)");
  vi.advanceTimersByTime(POISON.withinMs);
  expect((await crash(pool, launcher)).code).toBe("WORKER_CRASHED");
  await pool.close();
});

test("the same calls that wait when a call becomes poison are rejected, too, and the others run", async () => {
  const { pool, launcher } = await poolWithBarrier({ ...POISON, crashes: 1 });
  const running = failureOf(pool.execute(request("echo", { args: argsOf(1) })));
  const same = failureOf(pool.execute(request("echo", { args: argsOf(1) })));
  const other = pool.execute(request("echo", { args: argsOf(2) }));
  launcher.alive[0]?.crash(SEGFAULT);
  expect((await running).code).toBe("WORKER_CRASHED");
  expect((await same).code).toBe("POISON_CALL");
  await pool.ready();
  launcher.alive[0]?.calls[0]?.value("other");
  expect(await other).toBe("other");
  expect(pool.stats()).toMatchObject({ queued: 0, active: 0 });
  await pool.close();
});

test("a call that its caller gave up counts if its worker ends while it still runs", async () => {
  const launcher = new FakeLauncher({ ignoresCancel: true });
  const pool = await readyPool(launcher, { size: 1, poison: { ...POISON, crashes: 1 } });
  const abort = new AbortController();
  const abandoned = failureOf(pool.execute(request("echo", { args: argsOf(1), signal: abort.signal })));
  abort.abort();
  expect((await abandoned).code).toBe("CANCELLED");
  launcher.alive[0]?.crash(SEGFAULT);
  await pool.ready();
  expect((await failureOf(pool.execute(request("echo", { args: argsOf(1) })))).code).toBe("POISON_CALL");
  await pool.close();
});

test("memory is bounded: the oldest crashes are forgotten first", async () => {
  const { pool, launcher } = await poolWithBarrier({ ...POISON, crashes: 1 });
  const numbered = (call: number) => argsOf(call >> 8, call & 255);
  for (let call = 0; call <= 1_000; call++) await crash(pool, launcher, SEGFAULT, numbered(call));
  for (const call of [1, 1_000]) {
    expect((await failureOf(pool.execute(request("echo", { args: numbered(call) })))).code).toBe("POISON_CALL");
  }
  expect((await crash(pool, launcher, SEGFAULT, numbered(0))).code).toBe("WORKER_CRASHED");
  await pool.close();
});

test("without the option, nothing is rejected", async () => {
  const { pool, launcher } = await poolWithBarrier({ ...POISON, crashes: 0 });
  for (let round = 0; round < 5; round++) expect((await crash(pool, launcher)).code).toBe("WORKER_CRASHED");
  await pool.close();
});
