import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, type SinglePoolConfig, Snakepit, type SnakepitEvents } from "../index.ts";
import { commonOptions, failure, fakeWorkers, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";
import { Traffic } from "../testing/traffic.ts";

const common = commonOptions();

let directory: string;
let target: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-changes-"));
  target = join(directory, "changing.py");
  writeFileSync(
    target,
    `import os
import time
from snakepit_bridge import tool

kept = []

@tool
def leak(mib: int) -> int:
    kept.append(b"x" * (mib << 20))
    return os.getpid()

@tool
def pid() -> int:
    return os.getpid()

@tool
def wait(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()

@tool
def wait_for(path: str) -> int:
    while not os.path.exists(path):
        time.sleep(0.005)
    return os.getpid()

@tool
def sick() -> None:
    if os.path.exists(${JSON.stringify(join(directory, "sick"))}):
        raise RuntimeError("the model is gone")

@tool
def stick(path: str) -> int:
    # Once the file exists, the main thread does not answer checks. Before that, it has answered this call.
    import signal
    import threading
    main = threading.main_thread().ident
    signal.signal(signal.SIGUSR1, lambda *_: time.sleep(1000))
    def send() -> None:
        while not os.path.exists(path):
            time.sleep(0.005)
        signal.pthread_kill(main, signal.SIGUSR1)
    threading.Thread(target=send, daemon=True).start()
    return os.getpid()

@tool
def needs(value: int) -> int:
    return value

@tool
def stream():
    yield 1
`,
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Starts a host and keeps the events that replace workers. */
async function start(options: Omit<SinglePoolConfig, "worker">) {
  const pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(target), ...options });
  const recycled: SnakepitEvents["worker.recycled"][] = [];
  const unhealthy: SnakepitEvents["worker.unhealthy"][] = [];
  pit.on("worker.recycled", (event) => recycled.push(event));
  pit.on("worker.unhealthy", (event) => unhealthy.push(event));
  return { pit, recycled, unhealthy };
}

test("all workers are recycled under load: no call fails, and each is replaced", async () => {
  const { pit, recycled } = await start({ size: 8 });
  await using _closing = pit;
  await pit.ready();
  const before = pit.workers();
  const traffic = new Traffic(16, () => pit.execute("pid"));
  await until("calls are answered", () => traffic.answered > 100);
  const replacements = await Promise.all(before.map(({ id }) => pit.recycle(id)));
  expect(new Set(replacements).size).toBe(8);
  const { failures, values } = await traffic.stop();
  expect(failures).toEqual([]);
  expect(new Set(values).size).toBeGreaterThanOrEqual(8);
  expect(recycled.map(({ reason }) => reason)).toEqual(Array(8).fill("requested"));
  expect(pit.workers().map(({ id }) => id)).toEqual(expect.arrayContaining(replacements));
  expect(pit.stats("default")).toMatchObject({ workers: 8, recycled: 8, crashed: 0, errors: 0 });
});

test("a worker whose memory grows beyond the limit is replaced", async () => {
  const { pit, recycled } = await start({
    size: 1,
    heartbeatIntervalMs: 50,
    recycle: { maxRssMb: 120, jitter: 0 },
  });
  await using _closing = pit;
  const first = await pit.execute<number>("pid");
  await pit.execute("leak", { mib: 10 });
  expect(recycled).toEqual([]);
  expect(await pit.execute("leak", { mib: 150 })).toBe(first);
  await until("the worker is replaced", () => recycled.length > 0);
  expect(recycled[0]).toMatchObject({ reason: "memory", requests: 3 });
  expect(await pit.execute("pid")).not.toBe(first);
});

test("a worker is replaced after its number of calls, and none of them is lost", async () => {
  const { pit, recycled } = await start({
    size: 2,
    heartbeatIntervalMs: 20,
    recycle: { maxRequests: 50 },
  });
  await using _closing = pit;
  const traffic = new Traffic(4, () => pit.execute("pid"));
  await until("several workers were replaced", () => recycled.length >= 5);
  const { failures } = await traffic.stop();
  expect(failures).toEqual([]);
  expect(new Set(recycled.map(({ reason }) => reason))).toEqual(new Set(["requests"]));
  for (const { requests } of recycled) expect(requests).toBeGreaterThanOrEqual(45);
});

describe("health checks", () => {
  test("find a worker whose main thread does not answer, and replace it", async () => {
    const { pit, unhealthy } = await start({
      size: 1,
      cancelGraceMs: 200,
      healthCheck: { intervalMs: 50, timeoutMs: 300 },
    });
    await using _closing = pit;
    const path = join(directory, "stick");
    const stuck = await pit.execute<number>("stick", { path });
    const { id } = pit.workers().find(({ pid }) => pid === stuck)!;
    writeFileSync(path, "");
    const failed = () => unhealthy.find(({ workerId }) => workerId === id);
    await until("the check has failed", () => failed() !== undefined);
    expect(failed()!.error.code).toBe("DEADLINE_EXCEEDED");
    await until("the worker is replaced", async () => (await pit.execute<number>("pid")) !== stuck);
  });

  test("find a worker whose check raises, and replace it", async () => {
    const { pit, recycled, unhealthy } = await start({
      size: 1,
      healthCheck: { intervalMs: 50, tool: "sick", timeoutMs: "2m" },
    });
    await using _closing = pit;
    const first = await pit.execute<number>("pid");
    const sick = join(directory, "sick");
    // Before the replacement is checked.
    pit.on("worker.unhealthy", () => rmSync(sick, { force: true }));
    writeFileSync(sick, "");
    await until("the check has failed", () => unhealthy.length > 0);
    expect(unhealthy[0]!.error.message).toContain("the model is gone");
    await until("the worker is replaced", () => recycled.some(({ reason }) => reason === "unhealthy"));
    expect(await pit.execute("pid")).not.toBe(first);
    const count = unhealthy.length;
    // Healthy again.
    await pit.execute("wait", { seconds: 0.3 });
    expect(unhealthy.length).toBe(count);
  });

  test.each([
    ["sik", 'must be a tool of pool "default"; got "sik"', 'did you mean "sick"?'],
    ["needs", 'must be a tool without required parameters; got "needs", which requires value', "give them defaults"],
    ["stream", 'must not be a streaming tool; got "stream"', "use a tool that returns a value"],
  ])("reject a tool that cannot check (%s) at the start", async (tool, problem, remedy) => {
    const error = await failure(start({ size: 1, healthCheck: { intervalMs: 1_000, tool } }));
    expect(error.code).toBe("INVALID_CONFIG");
    expect(error.message).toContain(problem);
    expect(error.message).toContain(remedy);
  });
});

describe("the number of workers", () => {
  test("follows the load within its limits", async () => {
    const { pit } = await start({
      size: { min: 1, max: 4 },
      scaling: { growAfterMs: 20, shrinkAfterMs: 300 },
    });
    await using _closing = pit;
    const sizes: number[] = [];
    pit.on("pool.resized", ({ to }) => sizes.push(to));
    expect(pit.stats("default")).toMatchObject({ size: 1, workers: 1 });
    const traffic = new Traffic(8, () => pit.execute("wait", { seconds: 0.05 }));
    await until("it has its maximum", () => pit.stats("default").workers === 4);
    const { failures } = await traffic.stop();
    expect(failures).toEqual([]);
    await until("it has its minimum", () => pit.stats("default").workers === 1 && pit.stats("default").size === 1);
    expect(await pit.execute("pid")).toBe(pit.workers()[0]!.pid);
    expect(Math.max(...sizes)).toBe(4);
  });

  test("is changed by hand, also under load", async () => {
    const { pit } = await start({ size: 1 });
    await using _closing = pit;
    const traffic = new Traffic(6, () => pit.execute("pid"));
    for (const size of [4, 2, 5, 1]) {
      await pit.pool().resize(size);
      expect(pit.workers()).toHaveLength(size);
    }
    const { failures } = await traffic.stop();
    expect(failures).toEqual([]);
    expect(pit.stats("default")).toMatchObject({ size: 1, workers: 1, crashed: 0, errors: 0 });
  });

  test.each([0, 1.5, "4", { min: 3, max: 2 }, { min: 1 }, null])("must be valid; got %j", async (size) => {
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1 });
    const error = await failure(pit.pool().resize(size as number));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(error.message).toContain("size must be an integer from 1 to 10000, or { min, max }");
  });
});

test("a drained worker finishes its call, and another one takes its place", async () => {
  const { pit, recycled } = await start({ size: 1 });
  await using _closing = pit;
  const [{ id, pid } = { id: "", pid: 0 }] = pit.workers();
  const path = join(directory, "go");
  const running = pit.execute<number>("wait_for", { path });
  await until("the call runs", () => pit.stats("default").busy === 1);
  const drained = pit.drain(id);
  await until("the worker drains", () => pit.workers().some(({ state }) => state === "draining"));
  writeFileSync(path, "");
  await drained;
  expect(await running).toBe(pid);
  expect(await pit.execute("pid")).not.toBe(pid);
  expect(recycled).toEqual([]);
  expect(await failure(pit.drain(id))).toMatchObject({ code: "INVALID_ARGUMENT" });
});
