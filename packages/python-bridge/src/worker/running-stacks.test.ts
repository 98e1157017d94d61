import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CollectedStacks, LauncherOptions, StacksOptions, ThreadStack, WorkerHandle } from "@snakepit/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PythonOptions } from "../python-options.ts";
import { callTool, launchOne, rejection } from "../testing/launching.ts";
import { LaunchingHost } from "../testing/launching-host.ts";

const TOOLS = new URL("../testing/stack_tools.py", import.meta.url);
const FILE = expect.stringMatching(/stack_tools\.py$/);
const LONG = { timeoutMs: 120_000 } as const;
/** The fault handler reads the stacks of a worker that is silent for longer, also if it only was not scheduled. */
const RARELY = { heartbeatIntervalMs: 30_000 } as const;

let directory: string;
let pipe: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-stacks-"));
  pipe = join(directory, "pipe");
  execFileSync("mkfifo", [pipe]);
});

afterEach(() => rmSync(directory, { recursive: true }));

function read(worker: WorkerHandle, options: StacksOptions = LONG): Promise<CollectedStacks> {
  if (worker.readStacks === undefined) throw new Error("a Python worker has stacks");
  return worker.readStacks(options);
}

/** Reads stacks while a tool waits for the pipe, and checks that the call is not affected. */
async function during(
  worker: WorkerHandle,
  tool: string,
  source: CollectedStacks["source"] = "interpreter",
): Promise<CollectedStacks> {
  const result = callTool(worker, tool, { path: pipe });
  // Opens when the tool has opened the other end.
  const file = await open(pipe, "w");
  try {
    const stacks = await waitFor(worker, tool, source);
    await file.write("x");
    expect(await result).toBe("x");
    expect(await callTool(worker, "answer")).toBe(42);
    return stacks;
  } finally {
    await file.close();
  }
}

/**
 * Reads stacks until the tool waits for the pipe, which it does very soon after it has opened it. The interpreter can
 * still read the stacks until a tool holds its lock.
 */
async function waitFor(worker: WorkerHandle, tool: string, source: string): Promise<CollectedStacks> {
  for (;;) {
    const stacks = await read(worker);
    if (stacks.source === source && JSON.stringify(stacks).includes(tool)) return stacks;
  }
}

describe.each([
  ["fork", "socket"],
  ["spawn", "grpc"],
] as const)("the stacks of a worker (%s, %s)", (startMethod, transport) => {
  let host: LaunchingHost;
  let worker: WorkerHandle;

  const launch = async (options: PythonOptions = {}, limits: Partial<LauncherOptions> = RARELY) => {
    host = new LaunchingHost();
    const launcher = await host.launcher(TOOLS, { startMethod, transport, ...options }, limits);
    worker = await launchOne(launcher);
  };
  const close = () => host[Symbol.asyncDispose]();

  describe("that executes one call at a time", () => {
    /** Counts as silent after a second. */
    let lively: WorkerHandle;
    beforeAll(async () => {
      await launch();
      const often = { heartbeatIntervalMs: 100 };
      lively = await launchOne(await host.launcher(TOOLS, { startMethod, transport }, often), "w2");
    });
    afterAll(close);

    it("are read while a tool waits, without the frames of the bridge", async () => {
      const { source, threads, tasks } = await during(worker, "wait_in_python");
      expect({ source, tasks }).toEqual({ source: "interpreter", tasks: [] });
      expect(threads[0]).toMatchObject({ name: "MainThread", main: true, internal: false });
      expect(threads[0]?.frames.slice(0, 2)).toEqual([
        { file: FILE, line: expect.any(Number), function: "wait_in_python", code: "return read_byte(path)" },
        { file: FILE, line: expect.any(Number), function: "read_byte", code: expect.stringMatching(/open|read/) },
      ]);
      expect(threads.filter(({ internal }) => internal)).toMatchObject([{ name: "snakepit-receiver", main: false }]);
    });

    it("are read while native code holds the interpreter lock, and are not logged", async () => {
      const { source, threads } = await during(lively, "wait_with_lock", "fault-handler");
      expect(source).toBe("fault-handler");
      expect(threads[0]).toMatchObject({
        main: true,
        frames: [{ file: FILE, line: expect.any(Number), function: "wait_with_lock" }],
      });
      expect(threads.filter(({ internal }) => internal)).toHaveLength(1);
      expect(host.logged).not.toContain("most recent call first");
    });

    it("contain the other threads by name", async () => {
      const { threads } = await during(worker, "wait_in_thread");
      const reader = threads.find(({ name }) => name === "pipe-reader") as ThreadStack;
      expect(reader.frames.map((frame) => frame.function)).toContain("read_byte");
      expect(threads[0]?.frames[0]).toMatchObject({ function: "wait_in_thread" });
    });

    it("contain the task of an async tool, through all that it awaits", async () => {
      const { tasks } = await during(worker, "wait_in_task");
      const later = tasks.find(({ name }) => name === "read later");
      expect(later).toMatchObject({ coroutine: "read_later" });
      expect(later?.frames.map((frame) => frame.function)).toEqual(expect.arrayContaining(["read_later", "to_thread"]));
      const tool = tasks.find(({ name }) => name === "snakepit wait_in_task()");
      expect(tool?.frames[0]).toMatchObject({ file: FILE, function: "wait_in_task" });
    });

    it("are read while it is idle", async () => {
      const { threads } = await read(worker);
      expect(threads[0]).toMatchObject({ main: true });
      expect(threads[0]?.frames.length).toBeGreaterThan(0);
    });

    it("cannot be read while it is stopped, which changes nothing", async () => {
      process.kill(lively.pid, "SIGSTOP");
      try {
        const error = await rejection(read(lively, { timeoutMs: 1_500 }));
        expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", message: expect.stringContaining('worker "w2"') });
      } finally {
        process.kill(lively.pid, "SIGCONT");
      }
      expect(await callTool(lively, "answer")).toBe(42);
    });

    it("are not awaited after an abort", async () => {
      const signal = AbortSignal.abort(new Error("no longer needed"));
      const error = await rejection(read(worker, { ...LONG, signal }));
      expect(error).toMatchObject({ code: "CANCELLED", cause: { message: "no longer needed" } });
    });
  });

  it("that executes several calls show the thread of each tool", async () => {
    await launch({}, { profile: "thread", capacity: 2, threadSafety: "off" });
    try {
      const { threads } = await during(worker, "wait_in_python");
      const calling = threads.filter(({ frames }) => frames[0]?.function === "wait_in_python");
      expect(calling).toMatchObject([{ name: expect.stringMatching(/^snakepit-call/), internal: false }]);
    } finally {
      await close();
    }
  });

  it("that executes calls on an event loop show the task of each tool", async () => {
    await launch({}, { profile: "async" });
    try {
      const { tasks } = await during(worker, "wait_in_task");
      expect(tasks.map(({ coroutine }) => coroutine)).toContain("read_later");
    } finally {
      await close();
    }
  });

  it("are not awaited when it ends", async () => {
    await launch();
    try {
      process.kill(worker.pid, "SIGSTOP");
      const reading = rejection(read(worker));
      process.kill(worker.pid, "SIGKILL");
      expect((await reading).code).toBe("WORKER_CRASHED");
    } finally {
      await close();
    }
  });
});
