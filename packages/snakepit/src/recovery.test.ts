import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { python, Snakepit } from "./index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "./testing/host-under-test.ts";
import { until } from "./testing/processes.ts";

const TOOLS = new URL("./testing/tools.py", import.meta.url);
const common = commonOptions();

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-recovery-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ["exits", "leave", { status: 3 }],
  ["is killed", "die", { signal_name: "SIGKILL" }],
  ["has a segmentation fault", "die", { signal_name: "SIGSEGV" }],
])("a worker whose first call terminates it (%s) is replaced immediately, each time (H11)", async (_, tool, args) => {
  const never = { initialMs: "1h", maxMs: "1h" } as const;
  await using pit = await Snakepit.start({
    ...common(),
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 1,
    restart: { maxRestarts: 100_000 },
    backoff: never,
    poison: { crashes: 0 },
  });
  const states: string[] = [];
  pit.on("pool.state", ({ to }) => states.push(to));
  for (let round = 0; round < 4; round++) {
    const error = await failure(pit.execute(tool, args, { queueTimeoutMs: "1m" }));
    expect(error.code).toMatch(/WORKER_CRASHED|OUT_OF_MEMORY/);
  }
  await until("a worker is back", () => pit.stats("default").state === "ready" && pit.workers().length === 1);
  expect(states).toEqual(["starting", "ready", "starting", "ready", "starting", "ready", "starting", "ready"]);
  expect(await pit.execute("echo", { value: 1 }, { queueTimeoutMs: "1m" })).toBe(1);
});

test("a pool without workers starts one for a call once the fault has ended, regardless of the backoff (H12)", async () => {
  const fault = join(directory, "fault");
  const target = join(directory, "faulty.py");
  writeFileSync(
    target,
    `import os
from snakepit_bridge import tool

if os.path.exists(${JSON.stringify(fault)}):
    raise OSError(28, "No space left on device")

@tool
def leave() -> None:
    os._exit(1)

@tool
def answer() -> int:
    return 42
`,
  );
  await using pit = await Snakepit.start({
    ...common(),
    ...LONG_TIME_LIMITS,
    worker: python(target, { startMethod: "spawn" }),
    size: 1,
    backoff: { initialMs: "1h", maxMs: "1h" },
  });
  writeFileSync(fault, "");
  await failure(pit.execute("leave"));
  await until("the pool is degraded", () => pit.stats("default").state === "degraded");
  expect(pit.stats("default")).toMatchObject({ workers: 0, starting: 0 });
  const options = { queueTimeoutMs: "1m" } as const;
  const rejected = await failure(pit.execute("answer", {}, options));
  expect(rejected).toMatchObject({ code: "POOL_NOT_READY", retryable: true });
  expect(rejected.message).toContain("No space left on device");
  rmSync(fault);
  await until(
    "the call is answered",
    async () => (await pit.execute("answer", {}, options).catch(() => undefined)) === 42,
  );
  expect(pit.stats("default")).toMatchObject({ state: "ready", workers: 1 });
});
