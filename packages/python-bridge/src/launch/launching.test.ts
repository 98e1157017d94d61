import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { constants, release } from "node:os";
import type { WorkerHandle, WorkerLauncher } from "@snakepit/core";
import { afterAll, afterEach, beforeAll, describe, expect, type FakeTimersConfig, test, vi } from "vitest";
import { callFailure, callTool, launchAll, launchOne, rejection } from "../testing/launching.ts";
import { LaunchingHost } from "../testing/launching-host.ts";
import { isAlive, until } from "../testing/processes.ts";

/** Time limits: a timer that is late by real time would show that the host was stopped, and would begin again. */
const LIMITS: FakeTimersConfig = { toFake: ["setTimeout", "clearTimeout", "performance"] };

afterEach(() => void vi.useRealTimers());

interface Facts {
  readonly pid: number;
  readonly parent: number;
  readonly leads_group: boolean;
  readonly imported_by: number;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array;
  readonly path: readonly string[];
  readonly flags: { readonly dev_mode: boolean };
  readonly descriptors: Readonly<Record<string, string>>;
}

/** Whether threads have time slices that can be set: Linux 6.12 and later. */
const [major = 0, minor = 0] = release().split(".").map(Number);
const HAS_TIME_SLICES = process.platform === "linux" && (major > 6 || (major === 6 && minor >= 12));

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // Closed since it was listed.
    return undefined;
  }
}

const facts = (worker: Parameters<typeof callTool>[0]) => callTool(worker, "facts") as Promise<Facts>;

describe.each(["fork", "spawn"] as const)("workers by %s", (startMethod) => {
  // The host of most tests: they end their own workers only.
  let host: LaunchingHost;
  let launching: WorkerLauncher;
  const launched: WorkerHandle[] = [];
  beforeAll(async () => {
    host = new LaunchingHost();
    launching = await host.launcher(undefined, { startMethod });
  });
  afterEach(async () => {
    await Promise.all(launched.splice(0).map((worker) => worker.stop()));
  });
  afterAll(() => host[Symbol.asyncDispose]());

  async function launch(...workerIds: readonly string[]): Promise<readonly WorkerHandle[]> {
    const workers = await launchAll(launching, ...workerIds);
    launched.push(...workers);
    return workers;
  }

  async function launchFirst(): Promise<WorkerHandle> {
    const [worker] = await launch("w1");
    return worker!;
  }

  test.skipIf(!HAS_TIME_SLICES)("have the default time slice, and their zygote a long one", async () => {
    const slices = await callTool(await launchFirst(), "time_slices");
    const { worker, zygote } = slices as { readonly worker: readonly number[]; readonly zygote: readonly number[] };
    expect(zygote).toEqual([100_000_000]);
    expect(worker.length).toBeGreaterThan(1);
    expect(Math.max(...worker)).toBeLessThan(100_000_000);
  });

  test("answer calls in separate processes", async () => {
    const workers = await launch("w1", "w2", "w3");
    for (const worker of workers) expect(await callTool(worker, "add", { a: 1, b: 2 })).toBe(3);
    expect(new Set(workers.map((worker) => worker.pid)).size).toBe(3);
    expect(workers[0]).toMatchObject({ workerId: "w1", capacity: 1 });
    expect(workers[0]?.tools.map((tool) => tool.name)).toContain("add");
  });

  test("have the same group, streams, environment, directory, search path and interpreter flags", async () => {
    await using host = new LaunchingHost();
    const options = { startMethod, cwd: "/", path: ["usr"], args: ["-X", "dev"], env: { EXTRA: "1", PATH: undefined } };
    const limits = { env: { FROM_POOL: "2", OMP_NUM_THREADS: "3" } };
    const worker = await launchOne(await host.launcher(undefined, options, limits), "w7");
    const seen = await facts(worker);
    expect(seen).toMatchObject({ pid: worker.pid, leads_group: true, cwd: "/", flags: { dev_mode: true } });
    expect(seen.stdin).toHaveLength(0);
    expect(seen.path).toContain("/usr");
    expect(seen.environment).toMatchObject({
      EXTRA: "1",
      FROM_POOL: "2",
      OMP_NUM_THREADS: "3",
      OPENBLAS_NUM_THREADS: "1",
      PYTHONUNBUFFERED: "1",
      SNAKEPIT_RUN_ID: host.runId,
      SNAKEPIT_WORKER_ID: "w7",
    });
    expect(seen.environment).not.toHaveProperty("PATH");
    // The connection to the host is the only one, apart from descriptors that the test runner lets all processes
    // inherit.
    const inherited = readdirSync("/proc/self/fd").map((fd) => linkOf(`/proc/self/fd/${fd}`));
    const opened = Object.values(seen.descriptors).filter((link) => !inherited.includes(link));
    expect(opened.filter((link) => !link.startsWith("/"))).toEqual([expect.stringContaining("socket:")]);
  });

  test("have different random numbers", async () => {
    const workers = await launch("w1", "w2", "w3");
    const numbers = await Promise.all(workers.map((worker) => callTool(worker, "random_number")));
    expect(new Set(numbers).size).toBe(3);
  });

  test("show the run on the command line, and no secret in the process table", async () => {
    const worker = await launchFirst();
    const { parent } = await facts(worker);
    for (const pid of [worker.pid, parent]) {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      expect(commandLine.slice(1, 7)).toEqual([
        "-m",
        "snakepit_bridge",
        pid === worker.pid && startMethod === "spawn" ? "worker" : "zygote",
        "--run-id",
        host.runId,
        "--pool",
      ]);
      expect(commandLine.join(" ")).not.toMatch(/token/i);
      expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toMatch(/token/i);
    }
  });

  test("are reserved before they start and activated before they are returned, many in one commit", async () => {
    await using host = new LaunchingHost();
    const launching = await host.launcher(undefined, { startMethod });
    const workers = await launchAll(launching, "w1", "w2", "w3", "w4");
    // The zygote starts first, before any worker is requested.
    expect(host.registry.commits[0]).toMatch(/^reserve tests\/zygote-\d+$/);
    expect(host.registry.commits[1]).toBe("reserve w1 w2 w3 w4");
    for (const worker of workers) {
      const row = host.registry.rows.get(worker.workerId);
      expect(row).toMatchObject({ pid: worker.pid, processGroup: worker.pid });
      const stat = readFileSync(`/proc/${worker.pid}/stat`, "utf8");
      expect(row?.startTime).toBe(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    }
    await launching.close();
    expect(host.registry.rows.size).toBe(0);
  });

  test.each([600_000, Number.POSITIVE_INFINITY])(
    "end by themselves within the grace period of %d ms",
    async (graceMs) => {
      const worker = await launchFirst();
      const call = callTool(worker, "sleep", { seconds: 0.3 });
      const exit = worker.stop({ graceMs });
      await call;
      expect(await exit).toMatchObject({ requested: true, exitCode: 0 });
      expect(isAlive(worker.pid)).toBe(false);
    },
  );

  test("are killed immediately if they are stopped without a grace period", async () => {
    const worker = await launchFirst();
    const call = callFailure(worker, "sleep", { seconds: 600 });
    expect(await worker.stop()).toMatchObject({ requested: true, signal: "SIGKILL" });
    expect(await call).toMatchObject({ code: "WORKER_CRASHED", workerId: "w1", callId: "call-1" });
  });

  test("a shorter grace period replaces a longer one", async () => {
    const worker = await launchFirst();
    const call = callFailure(worker, "sleep", { seconds: 600 });
    // On a machine under load, the worker may need longer than the real time limit to end after SIGTERM.
    vi.useFakeTimers(LIMITS);
    const exit = worker.stop({ graceMs: 600_000 });
    void worker.stop({ graceMs: 50 });
    void worker.stop({ graceMs: 600_000 });
    vi.advanceTimersByTime(50);
    expect(await exit).toMatchObject({ requested: true, signal: "SIGTERM" });
    vi.useRealTimers();
    expect((await call).code).toBe("WORKER_CRASHED");
  });

  test("a worker that ignores SIGTERM receives SIGKILL", async () => {
    const worker = await launchFirst();
    await callTool(worker, "ignore_sigterm");
    const call = callFailure(worker, "sleep", { seconds: 600 });
    expect(await worker.stop({ graceMs: 20 })).toMatchObject({ requested: true, signal: "SIGKILL" });
    await call;
  });

  test("a worker that dies fails its call with the signal, its meaning and its last lines of stderr", async () => {
    const worker = await launchFirst();
    const error = await callFailure(worker, "die", { signal_number: constants.signals.SIGSEGV, message: "alas" });
    expect(error.code).toBe("WORKER_CRASHED");
    expect(error.message).toContain("SIGSEGV (an invalid memory access in native code)");
    expect(error.message).toContain("alas");
    // The fault handler writes the stack.
    expect(error.details["stderrTail"]).toMatch(/alas.*Fatal Python error.*launch_tools\.py", line \d+ in die/s);
    expect(await worker.exited).toMatchObject({ requested: false, signal: "SIGSEGV" });
    expect(host.registry.rows.has("w1")).toBe(false);
  });

  test("the error of a worker killed by another process names memory as a possible reason", async () => {
    const worker = await launchFirst();
    const call = callFailure(worker, "sleep", { seconds: 600 });
    process.kill(worker.pid, "SIGKILL");
    expect(await call).toMatchObject({ code: "WORKER_CRASHED", details: { signal: "SIGKILL", requested: false } });
    expect((await call).message).toContain("out of memory");
  });

  test("a worker that hangs is killed, and the error shows its stack", async () => {
    await using host = new LaunchingHost();
    const limits = { heartbeatIntervalMs: 100, heartbeatTimeoutMs: 6_000 };
    const worker = await launchOne(await host.launcher(undefined, { startMethod }, limits));
    const error = await callFailure(worker, "hold_the_lock", { seconds: 600 });
    expect(error).toMatchObject({ code: "WORKER_HUNG", details: { signal: "SIGABRT", requested: false } });
    expect(error.message).toContain("in hold_the_lock");
  });

  test("a worker that exits fails its call with the exit status", async () => {
    const worker = await launchFirst();
    expect(await callFailure(worker, "leave", { status: 7 })).toMatchObject({
      code: "WORKER_CRASHED",
      message: expect.stringContaining("it exited with status 7"),
      details: { exitCode: 7 },
    });
  });

  test("end together with all processes that their tools have started", async () => {
    const [first, second] = await launch("w1", "w2");
    const ofFirst = (await callTool(first!, "start_family")) as number[];
    const ofSecond = (await callTool(second!, "start_family")) as number[];
    process.kill(first!.pid, "SIGKILL");
    await first!.exited;
    await until("the family of the dead worker is gone", () => !ofFirst.some(isAlive));
    expect(ofSecond.every(isAlive)).toBe(true);
    await second!.stop({ graceMs: 1_000 });
    await until("the family of the stopped worker is gone", () => !ofSecond.some(isAlive));
  });

  test("output written directly to file descriptors is logged, one record per line", async () => {
    const worker = await launchFirst();
    await callTool(worker, "say", { text: "hello" });
    await until("both lines are logged", () => host.logged.includes("hello on 2"));
    expect(host.eventsNamed("worker.log").filter((record) => record.message.startsWith("hello"))).toEqual([
      { pool: "tests", workerId: "w1", source: "stderr", level: "warn", message: "hello on 1" },
      { pool: "tests", workerId: "w1", source: "stderr", level: "warn", message: "hello on 2" },
    ]);
  });

  test("an aborted launch leaves no process and no row", async () => {
    await using host = new LaunchingHost();
    const launching = await host.launcher(undefined, { startMethod });
    const abort = new AbortController();
    const launches = ["w1", "w2"].map((workerId) => launching.launch({ workerId, signal: abort.signal }));
    await until("the zygote runs", () => host.registry.activations.length > 0);
    abort.abort();
    for (const launch of launches) expect((await rejection(launch)).code).toBe("CANCELLED");
    for (const { workerId, pid } of host.registry.activations) {
      if (!workerId.includes("zygote")) expect(isAlive(pid)).toBe(false);
    }
    expect([...host.registry.rows.keys()]).toEqual([expect.stringContaining("zygote")]);
    // The zygote can still be used.
    expect(await callTool(await launchOne(launching, "w3"), "add", { a: 1, b: 1 })).toBe(2);
  });
});

test("forked workers share what was imported once; spawned ones import it themselves", async () => {
  await using host = new LaunchingHost();
  const forked = await launchAll(await host.launcher(), "f1", "f2");
  for (const worker of forked) {
    const { imported_by, parent, pid } = await facts(worker);
    expect(imported_by).toBe(parent);
    expect(imported_by).not.toBe(pid);
  }
  const spawned = await launchOne(await host.launcher(undefined, { startMethod: "spawn" }), "s1");
  expect((await facts(spawned)).imported_by).toBe(spawned.pid);
  // The output of a process takes another way than its connection.
  const imports = () => host.logged.match(/the module is imported by/g)?.length ?? 0;
  await until("both imports are logged", () => imports() >= 2);
  expect(imports()).toBe(2);
});

test("fifty workers start at once", async () => {
  await using host = new LaunchingHost();
  const ids = Array.from({ length: 50 }, (_, index) => `w${index}`);
  const workers = await launchAll(await host.launcher(), ...ids);
  const sums = await Promise.all(workers.map((worker, index) => callTool(worker, "add", { a: index, b: 1 })));
  expect(sums).toEqual(ids.map((_, index) => index + 1));
});

test("thirty rounds of killing leave no descriptor open, neither in the host nor in the zygote", async () => {
  await using host = new LaunchingHost();
  const launching = await host.launcher();
  const { parent } = await facts(await launchOne(launching, "witness"));
  const open = () => readdirSync("/proc/self/fd").length + readdirSync(`/proc/${parent}/fd`).length;
  const before = open();
  for (let round = 0; round < 30; round++) {
    const workers = await launchAll(launching, `a${round}`, `b${round}`, `c${round}`);
    const calls = workers.map((worker) => callFailure(worker, "sleep", { seconds: 600 }));
    for (const worker of workers) process.kill(worker.pid, "SIGKILL");
    for (const call of calls) expect((await call).code).toBe("WORKER_CRASHED");
  }
  await until("every descriptor is closed", () => open() <= before);
  expect([...host.registry.rows.keys()].filter((id) => !id.includes("zygote"))).toEqual(["witness"]);
});
