import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CommandProject } from "../../testing/command-project.ts";
import { processesWith } from "../../testing/processes.ts";
import type { BenchReport } from "./bench-report.ts";

let project: CommandProject;

beforeEach(() => {
  project = new CommandProject();
  copyFileSync(join(import.meta.dirname, "../../testing/command_tools.py"), project.path("tools.py"));
  project.write("package.json", '{"type": "module"}');
});

afterEach(() => project[Symbol.asyncDispose]());

const WORKER = ["--worker", "./tools.py"];
const ADD = ["add", ...WORKER, "--args", '{"a": 2, "b": 40}'];
/** Long enough for a call on a busy machine. */
const SHORT = ["--duration", "1s", "--warm-up", "100ms"];

async function report(...args: string[]): Promise<{ readonly status: number | null; readonly report: BenchReport }> {
  const { status, stdout, stderr } = await project.run(["bench", "--json", ...args]);
  if (stdout === "") throw new Error(stderr);
  return { status, report: JSON.parse(stdout) as BenchReport };
}

describe("snakepit bench", () => {
  test("measures a tool with each number of callers", async () => {
    const { status, report: measured } = await report(...ADD, ...SHORT, "--concurrency", "1,4", "--workers", "2");
    expect(status).toBe(0);
    expect(measured).toMatchObject({ tool: "add", pool: "default", warmUpMs: 100, durationMs: 1000, failures: [] });
    expect(measured.machine.cores).toBeGreaterThan(0);
    expect(measured.runs.map(({ profile, workers, concurrency }) => ({ profile, workers, concurrency }))).toEqual([
      { profile: "process", workers: 2, concurrency: 1 },
      { profile: "process", workers: 2, concurrency: 4 },
    ]);
    for (const run of measured.runs) {
      expect(run.calls).toBeGreaterThan(0);
      expect(run.callsPerSecond).toBeCloseTo((run.calls * 1000) / run.durationMs, 5);
      expect(run.callsPerSecondByPart).toHaveLength(5);
      expect(run.errors).toEqual({});
      const { mean, p50, max } = run.latencyMs;
      expect(p50).toBeGreaterThan(0);
      expect(max).toBeGreaterThanOrEqual(p50 ?? Number.POSITIVE_INFINITY);
      expect(mean).toBeLessThanOrEqual(max ?? 0);
      expect(run.queueShare).toBeGreaterThanOrEqual(0);
      expect(run.queueShare).toBeLessThanOrEqual(1);
      expect(run.cores.host).toBeGreaterThan(0);
    }
  });

  test("has no percentiles of few calls", async () => {
    const args = ["wait", ...WORKER, "--args", '{"seconds": 0.2}', "--concurrency", "1", "--warm-up", "1ms"];
    const { report: measured } = await report(...args, "--duration", "2s");
    const [run] = measured.runs;
    expect(run?.latencyMs).toMatchObject({ p50: expect.any(Number), p95: null, p99: null, max: expect.any(Number) });
    expect(run?.latencyMs.p50).toBeGreaterThanOrEqual(199);
  });

  test("attributes the wait for a worker to the queue", async () => {
    const args = ["wait", ...WORKER, "--args", '{"seconds": 0.02}', "--concurrency", "8", "--workers", "1"];
    // Eight callers share a worker: seven of eight parts are waiting, except at the beginning (the warm-up).
    const [run] = (await report(...args, "--warm-up", "2s", "--duration", "1s")).report.runs;
    expect(run?.queueShare).toBeGreaterThan(0.5);
  });

  test("counts failed calls by error code, separately from the others", async () => {
    project.writeConfig(
      'defineConfig({ worker: python("./tools.py"), size: 1, queueLimit: 0, prefetch: 0 })',
      "full.config.ts",
    );
    const args = ["wait", "--args", '{"seconds": 0.1}', "--config", "full.config.ts", "--concurrency", "3", ...SHORT];
    const { status, report: measured } = await report(...args);
    expect(status).toBe(0);
    const [run] = measured.runs;
    expect(run?.calls).toBeGreaterThan(0);
    expect(run?.errors["POOL_SATURATED"]).toBeGreaterThan(0);
  });

  test("measures streams up to their last chunk", async () => {
    const args = ["count", ...WORKER, "--args", '{"to": 3}', "--concurrency", "2", ...SHORT];
    const { status, report: measured } = await report(...args);
    expect(status).toBe(0);
    expect(measured.runs[0]?.calls).toBeGreaterThan(0);
  });

  test("compares profiles; one that cannot start is reported next to the results", async () => {
    project.write(
      "strict.py",
      "from snakepit_bridge import Adapter, tool\n\nclass Unsafe(Adapter):\n    @tool\n    def add(self, a: float, b: float) -> float:\n        return a + b\n",
    );
    project.writeConfig(
      'defineConfig({ pools: { main: { worker: python("./strict.py:Unsafe"), size: 1, threadSafety: "strict" } } })',
    );
    const args = ["--args", '{"a": 1, "b": 2}', "--concurrency", "1", ...SHORT, "--profiles", "process,thread"];
    const { status, report: measured } = await report(...args);
    expect(status).toBe(1);
    expect(measured).toMatchObject({ tool: "add", pool: "main", runs: [{ profile: "process" }] });
    expect(measured.failures).toMatchObject([{ profile: "thread", code: "WORKER_START_FAILED" }]);
  });

  test("prints a table and how it was measured", async () => {
    const { status, stdout } = await project.run(["bench", ...ADD, ...SHORT, "--concurrency", "1,2", "--workers", "1"]);
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(
      /^add in pool "default", \d+ cores, Node\.js .*; 1 s each after 0\.1 s of warm-up; .*milliseconds$/,
    );
    expect(lines[2]).toMatch(
      /^profile +workers +callers +calls\/s +± +p50 +p95 +p99 +max +queue +cores: host +cores: workers +failed$/,
    );
    expect(lines.filter((line) => line.startsWith("process "))).toHaveLength(2);
  });

  test("reports the error of the first call instead of measuring failures", async () => {
    const ended = await project.run(["bench", "divide", ...WORKER, "--args", '{"a": 1, "b": 0}', ...SHORT]);
    expect(ended).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("ZeroDivisionError") });
  });

  test.each([
    ["a tool that is not specified", WORKER, 'TOOL is required: the tools of pool "default" are add, '],
    ["an unknown pool", [...ADD, "--pool", "gpu"], '--pool must be default; got "gpu"'],
    ["an invalid number of callers", [...ADD, "--concurrency", "1,x"], "--concurrency must be a list of integers"],
    ["an unknown profile", [...ADD, "--profiles", "proces"], "did you mean process?"],
  ])("rejects %s with exit code 2", async (_, args, message) => {
    const ended = await project.run(["bench", ...args]);
    expect(ended).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining(message) });
  });

  test("Ctrl-C ends it by the signal, without processes", async () => {
    const command = project.start(["bench", "wait", ...WORKER, "--args", '{"seconds": 600}']);
    await command.displays("waiting");
    command.child.kill("SIGINT");
    expect(await command.ended).toMatchObject({ signal: "SIGINT", stdout: "" });
    expect(processesWith("XDG_STATE_HOME", project.path("state"))).toEqual([]);
  });
});
