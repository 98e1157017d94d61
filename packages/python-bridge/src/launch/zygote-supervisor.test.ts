import { spawn } from "node:child_process";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { SnakepitError } from "@snakepit/core";
import { afterEach, describe, expect, type FakeTimersConfig, test, vi } from "vitest";
import { Halt } from "../testing/halt.ts";
import { callFailure, callTool, launchAll, launchOne, rejection } from "../testing/launching.ts";
import { LaunchingHost, TargetFiles } from "../testing/launching-host.ts";
import { childrenOf, isAlive, until } from "../testing/processes.ts";

const ADD = `
from snakepit_bridge import tool

@tool
def add(a: int, b: int) -> int:
    return a + b
`;

/** Time limits: a timer that is late by real time would show that the host was stopped, and would begin again. */
const LIMITS: FakeTimersConfig = { toFake: ["setTimeout", "clearTimeout", "performance"] };

afterEach(() => void vi.useRealTimers());

function zygotes(host: LaunchingHost) {
  return host.registry.activations.filter((each) => each.workerId.includes("zygote"));
}

describe("a zygote that dies", () => {
  test("is restarted after all its descendants were killed", async () => {
    await using host = new LaunchingHost();
    const launching = await host.launcher();
    const [first, second] = await launchAll(launching, "w1", "w2");
    const family = (await callTool(first!, "start_family")) as number[];
    const call = callFailure(second!, "sleep", { seconds: 600 });
    process.kill(zygotes(host)[0]!.pid, "SIGKILL");

    expect(await call).toMatchObject({
      code: "WORKER_CRASHED",
      message: expect.stringContaining('the zygote of pool "tests" ended together with its workers'),
    });
    for (const worker of [first!, second!]) {
      expect(await worker.exited).toMatchObject({ requested: false, cause: { code: "WORKER_CRASHED" } });
    }
    // A process that is exiting has no environment to identify it, and soon becomes a zombie.
    const pids = [first!.pid, second!.pid, ...family];
    await until("all descendants of the zygote are dead", () => !pids.some(isAlive));

    expect(await callTool(await launchOne(launching, "w3"), "add", { a: 1, b: 2 })).toBe(3);
    expect(zygotes(host)).toHaveLength(2);
    await until("the dead ones are out of the registry", () => host.registry.rows.size === 2);
    expect(host.eventsNamed("zygote.exited")).toMatchObject([{ pid: zygotes(host)[0]!.pid, requested: false }]);
  });

  test("leaves the processes of other hosts alone, whose zygotes have the same names", async () => {
    await using host = new LaunchingHost();
    const [worker] = await launchAll(await host.launcher(), "w1");
    const [zygote] = zygotes(host);
    const env = { ...process.env, SNAKEPIT_RUN_ID: "another", SNAKEPIT_ZYGOTE_ID: zygote?.workerId };
    const bystander = spawn("sleep", ["600"], { env, stdio: "ignore" });
    await once(bystander, "spawn");
    try {
      process.kill(zygote!.pid, "SIGKILL");
      await worker!.exited;
      expect(isAlive(bystander.pid!)).toBe(true);
    } finally {
      bystander.kill("SIGKILL");
      await once(bystander, "exit");
    }
  });

  test("is replaced while a worker is being launched", async () => {
    await using host = new LaunchingHost();
    const launching = await host.launcher();
    await launchOne(launching, "w1");
    process.kill(zygotes(host)[0]!.pid, "SIGKILL");
    // The end of the zygote may or may not have been reported; neither case hangs.
    const [outcome] = await Promise.allSettled([launchOne(launching, "w2")]);
    if (outcome.status === "rejected") {
      expect(outcome.reason).toMatchObject({ code: "WORKER_START_FAILED", startFailure: "temporary" });
    }
    await until("the pool can start workers again", async () => {
      const [retry] = await Promise.allSettled([launchOne(launching, `w${performance.now()}`)]);
      return retry.status === "fulfilled";
    });
  });

  test("that was requested to end is reported as such", async () => {
    await using host = new LaunchingHost();
    const launching = await host.launcher();
    await launchOne(launching);
    await launching.close();
    await launching.close();
    expect(host.eventsNamed("zygote.exited")).toMatchObject([{ requested: true }]);
    expect((await rejection(launchOne(launching, "w2"))).code).toBe("SHUTTING_DOWN");
    expect(host.registry.rows.size).toBe(0);
  });
});

describe("a target", () => {
  test("that must not be forked is spawned, and the log shows it", async () => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    const file = files.write(
      "unforkable.py",
      `
import os
from snakepit_bridge import Adapter, tool

IMPORTED_BY = os.getpid()

class Unforkable(Adapter):
    fork_safe = False

    @tool
    def imported_by(self) -> int:
        return IMPORTED_BY
`,
    );
    const [first, second] = await launchAll(await host.launcher(`${file}:Unforkable`), "w1", "w2");
    expect(await callTool(first!, "imported_by")).toBe(first!.pid);
    expect(await callTool(second!, "imported_by")).toBe(second!.pid);
    expect(host.logged).toContain("does not support fork (fork_safe = False); its workers are spawned");
    // Two zygotes, one after the other; the second is used at once the next time.
    expect(zygotes(host)).toHaveLength(2);
    // The first one has reported why it ends, so that is not unexpected.
    await until("the first zygote has ended", () => host.eventsNamed("zygote.exited").length === 1);
    expect(host.eventsNamed("zygote.exited")).toMatchObject([{ requested: true }]);
  });

  test("that starts threads is forked with a warning", async () => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    const file = files.write(
      "threaded.py",
      `${ADD}
import threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
`,
    );
    const worker = await launchOne(await host.launcher(file));
    expect(await callTool(worker, "add", { a: 2, b: 2 })).toBe(4);
    expect(host.logged).toMatch(/importing .*threaded\.py started a thread; a forked/);
    expect(worker.startWarning).toMatch(/started a thread; a forked worker does not have such threads/);
  });

  test("whose annotations cannot be checked is started with one warning that names tool and parameter (V1)", async () => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    const file = files.write(
      "unchecked.py",
      `${ADD}
from typing import Any, Protocol

class Drawable(Protocol):
    def draw(self) -> None: ...

class Engine: ...

@tool
def draw(what: Drawable, how: Any, times: int, engine: Engine | None = None, **rest: "Nowhere") -> None: ...

@tool
def plain(anything) -> str:
    return type(anything).__name__
`,
    );
    const workers = await launchAll(await host.launcher(file), "w1", "w2");
    const warnings = host.eventsNamed("worker.log").filter((record) => record.level === "warn");
    expect(warnings).toEqual([expect.objectContaining({ source: "logging", logger: "snakepit", level: "warn" })]);
    for (const named of [
      "draw.what (Drawable is",
      "draw.how (Any",
      "draw.engine (an argument cannot be converted to Engine",
      "draw.rest (Nowhere",
    ]) {
      expect(warnings[0]?.message).toContain(named);
    }
    expect(warnings[0]?.message).not.toMatch(/add\.|plain\.|draw\.times/);
    const [draw, plain] = ["draw", "plain"].map((name) => workers[1]?.tools.find((tool) => tool.name === name));
    expect(draw?.parameters.map(({ name, unchecked }) => [name, unchecked !== undefined])).toEqual([
      ["what", true],
      ["how", true],
      ["times", false],
      ["engine", true],
      ["rest", true],
    ]);
    expect(plain?.parameters[0]).toMatchObject({ name: "anything", unchecked: "it has no annotation" });
  });

  test("that opens a connection is forked with a warning that names the connection (L4)", async () => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    const open = `sqlite3.connect("${files.directory}/cache.db")`;
    const file = files.write("connected.py", `${ADD}\nimport sqlite3\nconnection = ${open}\n`);
    await launchOne(await host.launcher(file));
    expect(host.logged).toContain(`opened the SQLite database ${files.directory}/cache.db (descriptor `);
    expect(host.logged).toContain("open it in a function marked with @setup");

    await using follower = new LaunchingHost();
    const advised = `${ADD}
import sqlite3
from snakepit_bridge import setup

@setup
def connect() -> None:
    global connection
    connection = ${open}

@tool
def select() -> int:
    return connection.execute("SELECT 7").fetchone()[0]
`;
    const worker = await launchOne(await follower.launcher(files.write("advised.py", advised)));
    expect(await callTool(worker, "select")).toBe(7);
    await launchOne(await follower.launcher(file, { startMethod: "spawn" }), "w2");
    expect(follower.logged).toBe("");
  });

  test("that imports libraries and opens no connection causes no warning (L4)", async () => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    const file = files.write("importing.py", `${ADD}\nimport numpy, logging, multiprocessing, ssl, tempfile\n`);
    await launchOne(await host.launcher(file));
    expect(host.logged).toBe("");
  });

  test("that prints is logged once, however many workers the pool has", async () => {
    await using host = new LaunchingHost();
    await launchAll(await host.launcher(), "w1", "w2", "w3");
    await until("it is logged", () => host.logged.includes("the module is imported by"));
    const printed = host.eventsNamed("worker.log").filter((record) => record.message.startsWith("the module"));
    expect(printed).toEqual([
      expect.objectContaining({ workerId: expect.stringContaining("zygote"), source: "stdout", level: "info" }),
    ]);
  });

  test("that reads standard input gets end of file, and no data from the host", async () => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    const file = files.write("reader.py", `${ADD}\nimport sys\nassert sys.stdin.read() == ""\n`);
    expect(await callTool(await launchOne(await host.launcher(file)), "add", { a: 1, b: 1 })).toBe(2);
  });

  test("that kills its process while it is imported fails with the end of the process", async () => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    const crash = files.write("crash.py", "import ctypes\nctypes.string_at(0)\n");
    expect(await rejection(launchOne(await host.launcher(crash)))).toMatchObject({
      code: "WORKER_START_FAILED",
      message: expect.stringMatching(/importing .*crash\.py ended the Python process: it was terminated by SIGSEGV/),
      startFailure: "permanent",
      details: { stderrTail: expect.stringContaining("crash.py") },
    });
    const leave = files.write("leave.py", "import os\nos._exit(5)\n");
    expect(await rejection(launchOne(await host.launcher(leave)))).toMatchObject({
      message: `importing ${leave} ended the Python process: it exited with status 5; import it in a Python interpreter to see why`,
      startFailure: "permanent",
      details: { exitCode: 5 },
    });
  });

  test.each(["scribble", "null", "7", "{}"])("that writes %s where events go fails with that line", async (text) => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    const file = files.write("scribble.py", `${ADD}\nimport os\nos.write(3, b"${text}\\n")\n`);
    expect(await rejection(launchOne(await host.launcher(file)))).toMatchObject({
      code: "WORKER_START_FAILED",
      message: expect.stringContaining(`sent an invalid event: ${text}`),
      startFailure: "permanent",
    });
  });

  test("that takes too long to import is killed, and the error shows its stack", async () => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    await using halt = new Halt(files.directory);
    const file = files.write("slow.py", `import os\n\ndef halt():\n    ${halt.statement}\n\nhalt()\n`);
    vi.useFakeTimers(LIMITS);
    const launch = rejection(launchOne(await host.launcher(file, {}, { startTimeoutMs: 4_000 })));
    await halt.reached();
    await until("the host knows the zygote", () => zygotes(host).length === 1);
    vi.advanceTimersByTime(4_000);
    const error = await launch;
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).toBe(
      `importing ${file} took longer than 4000 ms (startTimeoutMs); allow more time or import less; stack at the time-out:
  File "${file}", line 4 in halt
  File "${file}", line 6 in <module>`,
    );
    expect(host.logged).toBe("");
    expect(host.registry.rows.size).toBe(0);
    expect(zygotes(host).some(({ pid }) => isAlive(pid))).toBe(false);
  });

  test("whose setup() takes too long is killed, and the error shows its stack", async () => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    await using halt = new Halt(files.directory);
    const file = files.write(
      "slow_setup.py",
      `
import os
from snakepit_bridge import Adapter, tool

class Slow(Adapter):
    def setup(self) -> None:
        ${halt.statement}

    @tool
    def nothing(self) -> None:
        """Does nothing."""
`,
    );
    vi.useFakeTimers(LIMITS);
    const launch = rejection(launchOne(await host.launcher(`${file}:Slow`, {}, { startTimeoutMs: 4_000 })));
    await halt.reached();
    // Before that, the start is cancelled without a stack.
    await until("the host knows the worker", () => host.registry.activations.some((each) => each.workerId === "w1"));
    vi.advanceTimersByTime(4_000);
    const error = await launch;
    expect(error).toMatchObject({ code: "WORKER_START_FAILED", startFailure: "timed-out" });
    expect(error.message).toBe(
      `worker "w1" was not ready within 4000 ms (startTimeoutMs); allow more time, or do less in setup(); stack at the time-out:
  File "${file}", line 7 in setup`,
    );
    expect(host.logged).toBe("");
    expect([...host.registry.rows.keys()]).toEqual([expect.stringContaining("zygote")]);
  });

  test("whose setup() raises fails with the traceback", async () => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    const file = files.write(
      "bad_setup.py",
      `
from snakepit_bridge import Adapter, tool

class Bad(Adapter):
    def setup(self) -> None:
        raise FileNotFoundError("model.bin is not there")

    @tool
    def nothing(self) -> None:
        """Does nothing."""
`,
    );
    expect(await rejection(launchOne(await host.launcher(`${file}:Bad`)))).toMatchObject({
      code: "WORKER_START_FAILED",
      message: `setup() of '${file}:Bad' raised FileNotFoundError: model.bin is not there`,
      python: { type: "FileNotFoundError", traceback: expect.stringContaining("in setup") },
    });
  });

  test("whose setup() leaves the process fails with the exit status", async () => {
    await using host = new LaunchingHost();
    await using files = new TargetFiles();
    const file = files.write(
      "leaving_setup.py",
      `
import os, sys
from snakepit_bridge import Adapter, tool

class Leaving(Adapter):
    def setup(self) -> None:
        os.write(2, b"out of licences\\n")
        os._exit(9)

    @tool
    def nothing(self) -> None:
        """Does nothing."""
`,
    );
    expect(await rejection(launchOne(await host.launcher(`${file}:Leaving`)))).toMatchObject({
      code: "WORKER_START_FAILED",
      message: expect.stringMatching(/ended before it was ready: it exited with status 9.*out of licences/s),
      startFailure: "temporary",
      details: { exitCode: 9 },
    });
    expect([...host.registry.rows.keys()]).toEqual([expect.stringContaining("zygote")]);
  });
});

describe("an unavailable registry", () => {
  const away = new SnakepitError("REGISTRY_UNAVAILABLE", "no database");

  test("fails a launch before a process is started", async () => {
    await using host = new LaunchingHost();
    const launching = await host.launcher();
    host.registry.failing.set("reserve", away);
    expect(await rejection(launchOne(launching))).toBe(away);
    // The zygote was reserved before, and may have been activated since.
    expect(host.registry.activations.filter((each) => !each.workerId.includes("zygote"))).toEqual([]);
    host.registry.failing.clear();
    expect(await callTool(await launchOne(launching, "w2"), "add", { a: 1, b: 2 })).toBe(3);
  });

  test("fails the activation, and the process is killed", async () => {
    await using host = new LaunchingHost();
    const launching = await host.launcher();
    await launchOne(launching, "w1");
    host.registry.failing.set("activate", away);
    expect(await rejection(launchOne(launching, "w2"))).toBe(away);
    host.registry.failing.clear();
    expect([...host.registry.rows.keys()].filter((id) => !id.includes("zygote"))).toEqual(["w1"]);
    const { pid } = zygotes(host)[0]!;
    expect(childrenOf(pid)).toHaveLength(1);
  });

  test("delays the deletion of rows until the next release", async () => {
    await using host = new LaunchingHost();
    const launching = await host.launcher();
    const [first, second] = await launchAll(launching, "w1", "w2");
    host.registry.failing.set("release", away);
    await first!.stop();
    host.registry.failing.clear();
    expect(host.registry.rows.has("w1")).toBe(true);
    await second!.stop();
    await until("both are released", () => !host.registry.rows.has("w1") && !host.registry.rows.has("w2"));
  });
});

describe("a zygote that received SIGSTOP does not block", () => {
  test("stopping workers or closing the pool", async () => {
    await using host = new LaunchingHost();
    const launching = await host.launcher();
    const [first] = await launchAll(launching, "w1", "w2");
    const { pid } = zygotes(host)[0]!;
    process.kill(pid, "SIGSTOP");
    expect(await first!.stop()).toMatchObject({ requested: true });
    await launching.close();
    expect(isAlive(pid)).toBe(false);
    expect(host.registry.rows.size).toBe(0);
  });

  test("starting workers", async () => {
    await using host = new LaunchingHost();
    const launching = await host.launcher(undefined, {}, { startTimeoutMs: 60_000 });
    await launchOne(launching, "w1");
    const { pid } = zygotes(host)[0]!;
    process.kill(pid, "SIGSTOP");
    vi.useFakeTimers(LIMITS);
    const controller = new AbortController();
    const aborted = rejection(launchOne(launching, "w2", controller.signal));
    const late = rejection(launchOne(launching, "w3"));
    await until("both launches have a time limit", () => vi.getTimerCount() === 2);
    controller.abort();
    vi.advanceTimersByTime(60_000);
    // The zygote also has time limits, for its commands.
    let isSettled = false;
    void Promise.allSettled([aborted, late]).then(() => (isSettled = true));
    while (!isSettled) {
      vi.advanceTimersByTime(5_000);
      await setImmediate();
    }
    vi.useRealTimers();
    expect((await aborted).code).toBe("CANCELLED");
    expect(await late).toMatchObject({ code: "WORKER_START_FAILED", startFailure: "timed-out" });
    expect(isAlive(pid)).toBe(false);
    expect(await callTool(await launchOne(launching, "w4"), "add", { a: 1, b: 2 })).toBe(3);
  });
});
