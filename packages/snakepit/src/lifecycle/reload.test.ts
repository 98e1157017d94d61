import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { processesWith, until } from "../testing/processes.ts";
import { Traffic } from "../testing/traffic.ts";

const common = commonOptions();

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-reload-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Writes a target whose `version` tool returns a number that a module of the same directory contains. */
function writeTarget(name: string, version: number): { readonly target: string; readonly helper: string } {
  const target = join(directory, `${name}.py`);
  const helper = join(directory, `${name}_helper.py`);
  writeFileSync(
    target,
    `import asyncio
import time
from snakepit_bridge import tool
from ${name}_helper import VERSION

@tool
def version() -> int:
    return VERSION

@tool
async def version_soon() -> int:
    await asyncio.sleep(0.001)
    return VERSION

@tool
def count(to: int):
    for number in range(to):
        time.sleep(0.01)
        yield number
`,
  );
  writeFileSync(helper, `VERSION = ${version}\n`);
  return { target, helper };
}

describe.each(["fork", "spawn"] as const)("with workers that are started by %s", (startMethod) => {
  test("a reload replaces every worker under load, with the edited code, and no call fails", async () => {
    const { target, helper } = writeTarget(`edited_${startMethod}`, 1);
    await using pit = await Snakepit.start({
      ...common(),
      ...LONG_TIME_LIMITS,
      worker: python(target, { startMethod }),
      size: 4,
    });
    await pit.ready();
    const before = pit.workers().map(({ id }) => id);
    const traffic = new Traffic(8, (call) => pit.execute(call % 3 === 0 ? "version_soon" : "version"));
    const streamed: number[] = [];
    const stream = (async () => {
      for await (const value of pit.stream<number>("count", { to: 100 })) streamed.push(value);
    })();
    await until("calls are answered", () => traffic.answered > 50);
    // The same size, within the second in which Python has compiled the file.
    writeFileSync(helper, "VERSION = 2\n");
    await pit.reload();
    expect(await pit.execute("version")).toBe(2);
    await stream;
    expect(streamed).toEqual(Array.from({ length: 100 }, (_, number) => number));
    const { failures, values } = await traffic.stop();
    expect(failures).toEqual([]);
    expect([...new Set(values)].sort()).toEqual([1, 2]);
    expect(pit.workers().filter(({ id }) => before.includes(id))).toEqual([]);
    expect(pit.stats("default")).toMatchObject({ state: "ready", workers: 4, recycled: 4, crashed: 0, errors: 0 });
  });

  test("code that cannot be imported leaves the workers in service, and the error names the line", async () => {
    const { target, helper } = writeTarget(`broken_${startMethod}`, 1);
    await using pit = await Snakepit.start({
      ...common(),
      ...LONG_TIME_LIMITS,
      worker: python(target, { startMethod }),
      size: 2,
    });
    await pit.ready();
    const pids = pit.workers().map(({ pid }) => pid);
    writeFileSync(helper, "VERSION = 2\nVERSION = = 3\n");
    const error = await failure(pit.reload());
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).toContain("line 2: invalid syntax");
    expect(error.message).toContain(helper);
    expect(await pit.execute("version")).toBe(1);
    expect(pit.workers().map(({ pid }) => pid)).toEqual(pids);
    expect(pit.stats("default").state).toBe("ready");
    writeFileSync(helper, "VERSION = 4\n");
    await pit.reload();
    expect(await pit.execute("version")).toBe(4);
  });

  test("code without a tool that the configuration names leaves the workers in service, as a start would fail", async () => {
    const { target, helper } = writeTarget(`renamed_${startMethod}`, 1);
    await using pit = await Snakepit.start({
      ...common(),
      ...LONG_TIME_LIMITS,
      worker: python(target, { startMethod }),
      size: 2,
      tools: { version: { timeoutMs: 60_000 } },
      healthCheck: { intervalMs: "1h", tool: "version_soon" },
    });
    await pit.ready();
    const pids = pit.workers().map(({ pid }) => pid);
    const source = readFileSync(target, "utf8");
    const traffic = new Traffic(4, () => pit.execute("version"));
    for (const [name, problem] of [
      ["version", 'tools.version is not a tool of pool "default"; the tools are renamed_version'],
      ["version_soon", 'healthCheck.tool must be a tool of pool "default"; got "version_soon"'],
    ] as const) {
      writeFileSync(target, source.replace(`def ${name}(`, `def renamed_${name}(`));
      const error = await failure(pit.reload());
      expect(error.code).toBe("INVALID_CONFIG");
      expect(error.message).toContain(problem);
    }
    expect(pit.workers().map(({ pid }) => pid)).toEqual(pids);
    expect(pit.stats("default").state).toBe("ready");
    writeFileSync(target, source);
    writeFileSync(helper, "VERSION = 2\n");
    await pit.reload();
    expect(await pit.execute("version")).toBe(2);
    expect((await traffic.stop()).failures).toEqual([]);
  });

  test("a reload uses the same options, and rejects a constructor that does not accept them", async () => {
    const target = join(directory, `options_${startMethod}.py`);
    const write = (parameter: string, version: number) =>
      writeFileSync(
        target,
        `from snakepit_bridge import Adapter, tool

class Model(Adapter):
    def __init__(self, ${parameter}: str) -> None:
        self.label = ${parameter} + " ${version}"

    @tool
    def label_of(self) -> str:
        return self.label
`,
      );
    write("name", 1);
    await using pit = await Snakepit.start({
      ...common(),
      ...LONG_TIME_LIMITS,
      worker: python(`${target}:Model`, { startMethod, options: { name: "s3cret" } }),
      size: 1,
    });
    expect(JSON.stringify(pit.config)).not.toContain("s3cret");
    write("name", 2);
    await pit.reload();
    expect(await pit.execute("label_of")).toBe("s3cret 2");
    write("names", 3);
    const error = await failure(pit.reload());
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).toContain("has no argument 'name'; did you mean 'names'?");
    expect(await pit.execute("label_of")).toBe("s3cret 2");
  });
});

test("after reloads, only the last zygote is left, and it ends with the pool", async () => {
  const { target } = writeTarget("zygotes", 1);
  const pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(target), size: 2 });
  const ended: number[] = [];
  pit.on("zygote.exited", ({ pid }) => ended.push(pid));
  for (let round = 0; round < 3; round += 1) await pit.reload();
  await until("the earlier zygotes have ended", () => ended.length === 3);
  // With its two workers.
  await until("no other process is left", () => processesWith("SNAKEPIT_RUN_ID", pit.runId).length === 3);
  await pit.close();
  expect(processesWith("SNAKEPIT_RUN_ID", pit.runId)).toEqual([]);
});

test("a worker that dies during a reload of broken code is replaced with the code in service", async () => {
  const { target, helper } = writeTarget("died", 1);
  await using pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(target), size: 2 });
  await pit.ready();
  writeFileSync(helper, "import time\ntime.sleep(0.3)\nraise ValueError('no')\n");
  const failed = failure(pit.reload());
  const [{ pid } = { pid: 0 }] = pit.workers();
  const exited = new Promise<void>((resolve) => {
    pit.on("worker.exited", (event) => event.pid === pid && resolve());
  });
  process.kill(pid, "SIGKILL");
  expect((await failed).message).toContain("ValueError: no");
  await exited;
  await until("the worker is replaced", () => pit.stats("default").workers === 2);
  expect(await pit.execute("version")).toBe(1);
});

describe("with watch: true", () => {
  test.each(["fork", "spawn"] as const)("an edit of an imported file reloads the pool (%s)", async (startMethod) => {
    const { target, helper } = writeTarget(`watched_${startMethod}`, 1);
    await using pit = await startWatching(python(target, { startMethod }));
    const failures: string[] = [];
    let reloads = 0;
    pit.on("pool.reload-failed", ({ error }) => failures.push(error.message));
    pit.on("pool.reloaded", () => {
      reloads += 1;
    });
    expect(await pit.execute("version")).toBe(1);
    writeFileSync(helper, "VERSION = 2\n");
    await until("the edit is loaded", () => reloads > 0);
    expect(await pit.execute("version")).toBe(2);
    writeFileSync(helper, "VERSION = oops\n");
    await until("the broken edit is reported", () => failures.some((message) => message.includes("NameError")));
    expect(await pit.execute("version")).toBe(2);
    const before = reloads;
    writeFileSync(helper, "VERSION = 3\n");
    await until("the correction is loaded", () => reloads > before);
    expect(await pit.execute("version")).toBe(3);
  });

  test("a new file that could not be imported is watched, too", async () => {
    const { target } = writeTarget("grown", 1);
    await using pit = await startWatching(python(target));
    const seen: string[] = [];
    pit.on("pool.reload-failed", () => seen.push("failed"));
    pit.on("pool.reloaded", () => seen.push("reloaded"));
    const added = join(directory, "added.py");
    writeFileSync(added, "def answer( -> int:\n");
    writeFileSync(
      target,
      "from snakepit_bridge import tool\nfrom added import answer\n\n@tool\ndef version() -> int:\n    return answer()\n",
    );
    await until("the edit is reported", () => seen.includes("failed"));
    writeFileSync(added, "def answer() -> int:\n    return 7\n");
    await until("the correction is loaded", () => seen.includes("reloaded"));
    expect(await pit.execute("version")).toBe(7);
  });

  test("a new file that is corrected while it is imported is loaded again", async () => {
    const { target } = writeTarget("gated", 1);
    await using pit = await startWatching(python(target));
    const added = join(directory, "slow_to_import.py");
    const begun = join(directory, "import.begun");
    const gate = join(directory, "import.gate");
    writeFileSync(
      added,
      `import os, time
open(${JSON.stringify(begun)}, "w").close()
while not os.path.exists(${JSON.stringify(gate)}):
    time.sleep(0.01)
raise RuntimeError("not yet")
`,
    );
    writeFileSync(
      target,
      "from snakepit_bridge import tool\nfrom slow_to_import import answer\n\n@tool\ndef version() -> int:\n    return answer()\n",
    );
    await until("the import has begun", () => existsSync(begun));
    let isLoaded = false;
    pit.on("pool.reloaded", () => {
      isLoaded = true;
    });
    const noticed = Promise.withResolvers<void>();
    // The system reports a change to all watchers of a process at the same time.
    using _watcher = watching(directory, (file) => file === "slow_to_import.py" && noticed.resolve());
    writeFileSync(added, "def answer() -> int:\n    return 7\n");
    await noticed.promise;
    writeFileSync(gate, "");
    await until("the correction is loaded", () => isLoaded);
    expect(await pit.execute("version")).toBe(7);
  });
});

/** Starts a pool of one worker that is reloaded when its source files change. */
async function startWatching(worker: ReturnType<typeof python>): Promise<Snakepit> {
  return await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker, size: 1, watch: true });
}

/** Watches a directory until it is disposed. */
function watching(path: string, changed: (file: string | null) => unknown): Disposable {
  const watcher = watch(path, (_event, file) => changed(file));
  return { [Symbol.dispose]: () => watcher.close() };
}
