import { recordingLogger } from "@snakepit/telemetry/testing/recording-logger";
import { expect, test } from "vitest";
import { python, Snakepit, type SnakepitConfig, SnakepitError, type ThreadSafetyReport } from "./index.ts";
import { commonOptions, LONG_TIME_LIMITS } from "./testing/host-under-test.ts";
import { until } from "./testing/processes.ts";

const FILE = new URL("./testing/thread_safety_tools.py", import.meta.url).pathname;
const common = commonOptions();

function start(kind: string, options: Partial<SnakepitConfig> = {}): Promise<Snakepit> {
  return Snakepit.start({
    ...LONG_TIME_LIMITS,
    ...common(),
    worker: python(`${FILE}:${kind}`),
    size: 1,
    profile: "thread",
    capacity: 4,
    ...options,
  });
}

interface Report {
  readonly mode: string;
  readonly declared: boolean;
  readonly warnings: readonly {
    readonly kind: string;
    readonly subject: string;
    readonly threads: readonly string[];
  }[];
  readonly tools: readonly { readonly tool: string; readonly entered: number; readonly concurrent_maximum: number }[];
  readonly requests: { readonly total: number; readonly active: number; readonly capacity: number } | null;
}

test("warns at the start and of concurrent calls by default", async () => {
  const logger = recordingLogger();
  await using pit = await start("Undeclared", { logger });
  await Promise.all([pit.execute("meet"), pit.execute("meet")]);
  await Promise.all([pit.execute("meet"), pit.execute("meet")]);
  const report = await pit.execute<Report>("report");
  expect(report.warnings.map(({ kind, subject }) => (kind === "undeclared" ? kind : subject))).toEqual([
    "undeclared",
    "meet",
  ]);
  expect(report.warnings[1]?.threads).toEqual(["snakepit-call-1", "snakepit-call-2"]);
  expect(report.tools.find(({ tool }) => tool === "meet")).toMatchObject({ entered: 4, concurrent_maximum: 2 });
  expect(report.requests).toMatchObject({ total: 5, capacity: 4 });
  const logged = logger.records.filter(({ facts }) => JSON.stringify(facts).includes("snakepit.thread_safety"));
  expect(logged.map(({ level }) => level)).toEqual(["warn", "warn"]);
});

test("rejects a concurrent call of a tool that is not declared in strict mode", async () => {
  await using pit = await start("Partly", { threadSafety: "strict" });
  const first = pit.execute("occupy");
  await pit.execute("wait_for_entry");
  const rejected = await pit.execute("occupy").catch((thrown: unknown) => thrown);
  expect(rejected).toBeInstanceOf(SnakepitError);
  expect(rejected).toMatchObject({ code: "PYTHON_EXCEPTION", python: { type: "ThreadSafetyError" } });
  await pit.execute("leave");
  expect(await first).toBe("left");
});

test.each(["fork", "spawn"] as const)(
  "%s: an adapter that declares nothing does not start in strict mode",
  async (startMethod) => {
    const worker = python(`${FILE}:Undeclared`, { startMethod });
    await expect(start("Undeclared", { worker, threadSafety: "strict" })).rejects.toMatchObject({
      code: "WORKER_START_FAILED",
      startFailure: "permanent",
      message: expect.stringContaining("does not declare thread safety"),
    });
  },
);

test.each([
  ["Declared", { threadSafety: "strict" }, "strict"],
  ["Undeclared", { threadSafety: "off" }, "off"],
] as const)("accepts %s with %o", async (kind, options, mode) => {
  await using pit = await start(kind, options);
  await Promise.all([pit.execute("meet"), pit.execute("meet")]);
  const report = await pit.execute<Report>("report");
  expect(report).toMatchObject({ mode, warnings: [] });
});

test("has no effect in the process profile", async () => {
  await using pit = await start("Undeclared", { profile: "process", capacity: 1, threadSafety: "strict" });
  expect(await pit.execute<Report>("report")).toMatchObject({ mode: "off", warnings: [], tools: [] });
});

test("a call that waits for a lock can be cancelled, and the others continue", async () => {
  await using pit = await start("Declared");
  const holding = pit.execute("hold_lock");
  await pit.execute("wait_for_entry");
  const abort = new AbortController();
  const waiting = pit.execute("use_lock", {}, { signal: abort.signal });
  await until("the call waits", () => pit.stats("default").active === 2);
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ code: "CANCELLED" });
  await until("the worker has stopped the call", () => pit.stats("default").active === 1);
  await pit.execute("leave");
  expect(await holding).toBe("left");
  expect(await pit.execute("use_lock")).toBe("used");
});

test("returns the report of each worker, also while all of its threads are busy", async () => {
  await using pit = await start("Partly", { size: 2, capacity: 1 });
  await pit.ready();
  const call = pit.execute("occupy");
  let reports: ThreadSafetyReport[] = [];
  await until("the worker executes the call", async () => {
    reports = await pit.pool().threadSafety({ timeoutMs: "2m" });
    return reports.some(({ tools }) => tools.some(({ entered }) => entered > 0));
  });
  expect(reports.map(({ workerId }) => workerId)).toEqual(pit.workers().map(({ id }) => id));
  const busy = reports.filter(({ requests }) => requests?.active === 1);
  expect(busy).toMatchObject([
    {
      mode: "warn",
      declared: false,
      python: { freeThreaded: expect.any(Boolean) },
      requests: { total: 1, capacity: 1, byThread: { "snakepit-call-1": { total: 1, active: 1 } } },
    },
  ]);
  expect(busy[0]?.tools.find(({ tool }) => tool === "occupy")).toMatchObject({ entered: 1, concurrentMaximum: 1 });
  const ended = expect(call).rejects.toBeInstanceOf(SnakepitError);
  await pit.close({ graceMs: 0 });
  await ended;
});

test("has no reports in the process profile, and rejects invalid options", async () => {
  await using pit = await start("Undeclared", { profile: "process", capacity: 1 });
  expect(await pit.pool().threadSafety()).toEqual([]);
  await expect(pit.pool().threadSafety({ timeoutMs: -1 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(pit.pool().threadSafety({ timeout: 1 } as object)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
