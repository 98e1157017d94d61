import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WORKSPACE_PYTHON } from "../../testing/doctor.ts";
import { InTerminal, snakepit } from "../../testing/in-terminal.ts";
import { processesWith, until } from "../../testing/processes.ts";
import type { SystemLimits } from "../system/system-limits.ts";
import { computeScale } from "./ceilings.ts";
import type { WorkerMeasurement } from "./measure-workers.ts";

const measurement: WorkerMeasurement = {
  workers: 8,
  memory: 50e6,
  threads: 4,
  files: 3,
  hostFiles: 30,
  hostThreads: 12,
  firstReadyMs: 400,
  startedPerSecond: 100,
};
const limits: SystemLimits = {
  openFiles: 1_024,
  userProcesses: { limit: 1_000, used: 200, source: "ulimit -u" },
  groupProcesses: undefined,
  freeMemory: 10e9,
  groupMemory: undefined,
  processors: 4,
};

describe("the ceilings", () => {
  test("are those of the limited resources, the lowest first", () => {
    const { ceilings } = computeScale(limits, measurement);
    expect(ceilings.map(({ resource, workers }) => `${resource} ${workers}`)).toEqual([
      "memory 160",
      "processes of the user 196",
      "open files 320",
    ]);
  });

  test("are never negative, and at most the largest pool", () => {
    const { ceilings } = computeScale({ ...limits, openFiles: 20, freeMemory: 1e15 }, measurement);
    expect(ceilings.map(({ workers }) => workers)).toEqual([0, 196, 10_000]);
  });

  test("of a control group apply if they are lower than those of the machine", () => {
    const groupMemory = { limit: 1e9, used: 0, source: "/sys/fs/cgroup/memory.max" };
    const groupProcesses = { limit: 100, used: 4, source: "/sys/fs/cgroup/pids.max" };
    const { ceilings } = computeScale({ ...limits, groupMemory, groupProcesses }, measurement);
    expect(ceilings.slice(0, 2)).toEqual([
      expect.objectContaining({ resource: "memory", workers: 16, remedy: expect.stringContaining("memory.max") }),
      expect.objectContaining({ resource: "processes of the container", workers: 20 }),
    ]);
  });
});

describe("snakepit scale", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "scale-"));
    writeFileSync(
      join(directory, "tools.py"),
      "from snakepit_bridge import tool\n\n\n@tool\ndef one() -> int:\n    return 1\n",
    );
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function options() {
    const state = join(directory, "state");
    // The directory then contains nothing but the tools and what scale leaves.
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      XDG_STATE_HOME: state,
      TMPDIR: directory,
      PYTHONDONTWRITEBYTECODE: "1",
    };
    return { cwd: directory, env };
  }

  async function scale(prefix: readonly string[], ...args: readonly string[]) {
    const line = [...prefix, ...snakepit("scale", "--json", "--python", WORKSPACE_PYTHON, ...args)];
    const [program = "", ...rest] = line;
    const { promise, resolve } = Promise.withResolvers<{ status: unknown; data: Record<string, unknown> }>();
    execFile(program, rest, options(), (error, stdout) =>
      resolve({ status: error === null ? 0 : error.code, data: JSON.parse(stdout) }),
    );
    return await promise;
  }

  test.skipIf(process.platform !== "linux")("names the bottleneck, and fails if it prevents the number", async () => {
    const { status, data } = await scale(["prlimit", "--nofile=200:200"], "--to", "64", "./tools.py");
    expect(status).toBe(1);
    expect(data).toMatchObject({ bottleneck: "open files", to: 64, reached: false });
    expect(data["ceiling"]).toBeGreaterThan(10);
    expect(data["ceiling"]).toBeLessThan(64);
    expect(data["measured"]).toMatchObject({ workers: 8, threads: 2 });
    // Nothing is left behind, neither in the state directory nor in the temporary directory.
    expect(readdirSync(directory).toSorted()).toEqual(["tools.py"]);
  });

  test("measures workers without a target, also if TMPDIR does not exist", async () => {
    const { status, data } = await scale(["env", "TMPDIR=/nowhere/tmp"], "--to", "1");
    expect({ status, reached: data["reached"] }).toEqual({ status: 0, reached: true });
  });

  test("ends its workers when a signal ends it", async () => {
    const mark = `scale-test-${process.pid}-${Math.random()}`;
    writeFileSync(join(directory, "slow.py"), "import time\n\ntime.sleep(600)\n");
    const [program = "", ...args] = snakepit("scale", "--python", WORKSPACE_PYTHON, "./slow.py");
    const { env, cwd } = options();
    const command = spawn(program, args, { cwd, env: { ...env, SCALE_TEST: mark }, stdio: "ignore" });
    const closed = once(command, "close");
    await until("the zygote imports the target", () => processesWith("SCALE_TEST", mark).length > 1);
    command.kill("SIGINT");
    expect(await closed).toEqual([null, "SIGINT"]);
    await until("the zygote has ended", () => processesWith("SCALE_TEST", mark).length === 0);
    await until("the files are removed", () => readdirSync(directory).length === 2);
  });

  test("shows what it does in a terminal, and then the result", async () => {
    const terminal = new InTerminal(snakepit("scale", "--python", WORKSPACE_PYTHON, "./tools.py"), {
      cwd: directory,
      env: { XDG_STATE_HOME: join(directory, "state") },
      columns: 120,
    });
    try {
      expect(await terminal.ended()).toBe(0);
      expect(terminal.output).toContain("Starting the first worker with ./tools.py");
      expect(terminal.output).toMatch(/Ceiling: about \d+ workers\. Bottleneck: /);
    } finally {
      await terminal.close();
    }
  });
});
