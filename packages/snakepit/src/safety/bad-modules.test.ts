import { join } from "node:path";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { Halt } from "@snakepit/python-bridge/testing/halt";
import { afterEach, describe, expect, test, vi } from "vitest";
import { python } from "../index.ts";
import { failingStarts } from "../testing/failed-start.ts";
import { until } from "../testing/processes.ts";

const starts = failingStarts();
afterEach(() => void vi.useRealTimers());

const TOOL = "from snakepit_bridge import tool\n\n@tool\ndef one() -> int:\n    return 1\n";

/** A module that cannot be used, and the message that its author needs. */
const MODULES: readonly (readonly [what: string, source: string, message: RegExp])[] = [
  ["a syntax error", "def broken(:\n    pass\n", /^syntax error in \S+bad\.py, line 1: /],
  [
    "a missing dependency",
    "import no_such_package_anywhere\n",
    /bad\.py' requires the module 'no_such_package_anywhere' \(\S+bad\.py, line 1\).*-m pip install no_such_package_anywhere/,
  ],
  [
    "an import that fails",
    "from os import no_such_name_anywhere\n",
    /bad\.py' has an import that fails \(\S+bad\.py, line 1\): cannot import name 'no_such_name_anywhere'/,
  ],
  [
    "an exception at import",
    "raise RuntimeError('the licence has expired')\n",
    /bad\.py' raises an exception when it is imported \(\S+bad\.py, line 1\): RuntimeError: the licence has expired$/,
  ],
  [
    "tools in a class that is not an adapter",
    "from snakepit_bridge import tool\n\nclass Sums:\n    @tool\n    def add(self, a: int) -> int:\n        return a\n",
    /to use those of Sums, derive it from Adapter \(from snakepit_bridge import Adapter\) and write '.*bad\.py:Sums'/,
  ],
  ["no tools", "def plain():\n    return 1\n", /bad\.py' has no tools; mark its functions with @tool/],
  [
    "two tools with the same name",
    `${TOOL}\n@tool(name="one")\ndef another() -> int:\n    return 2\n`,
    /bad\.py' defines the tool 'one' 2 times, in lines 3 and 7/,
  ],
  [
    "an exit at import",
    "import sys\nsys.exit(3)\n",
    /bad\.py' ends the process when it is imported \(\S+bad\.py, line 2\); .*__main__/,
  ],
  ["a process that exits immediately", "import os\nos._exit(9)\n", /it exited with status 9/],
];

/**
 * The modules that a start method is tried with. The zygote and a spawned worker report an import with the same code:
 * by default, the latter is tried with one module per way in which an import ends.
 */
function modulesFor(startMethod: "fork" | "spawn"): typeof MODULES {
  if (startMethod === "fork" || LONG_TESTS) return MODULES;
  return MODULES.filter(([what]) => SPAWNED.includes(what));
}
const SPAWNED = ["an exception at import", "no tools", "an exit at import", "a process that exits immediately"];

describe.each(["fork", "spawn"] as const)("a module started by %s", (startMethod) => {
  test.each(modulesFor(startMethod))("with %s fails the start with the cause", async (_, source, message) => {
    const file = starts().write("bad.py", source);
    const error = await starts().error({ worker: python(file, { startMethod }), size: 2 });
    expect(error).toMatchObject({ code: "WORKER_START_FAILED", pool: "default" });
    expect(error.message).toMatch(message);
  });

  test("that takes too long to import fails the start with the limit and the current line", async () => {
    await using halt = new Halt(starts().directory);
    const file = starts().write("slow.py", `import os\n${halt.statement}\n${TOOL}`);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const start = starts().error({ worker: python(file, { startMethod }), size: 1, startTimeoutMs: 4_000 });
    await halt.reached();
    // Before that, the host does not know the process, and its error has no stack.
    await until("the process is registered", () => starts().isRegistered(startMethod === "fork" ? "zygote" : "worker"));
    vi.advanceTimersByTime(4_000);
    const error = await start;
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).toMatch(
      /4000 ms \(startTimeoutMs\); allow more time.*stack at the time-out:\n {2}File "\S+slow\.py", line 2/s,
    );
  });

  test("whose workers exit immediately fails the start with the exit status", async () => {
    const file = starts().write(
      "leaves.py",
      `import os\nfrom snakepit_bridge import Adapter, tool\n
class Leaves(Adapter):
    def setup(self) -> None:
        os._exit(9)

    @tool
    def one(self) -> int:
        return 1
`,
    );
    const error = await starts().error({ worker: python(`${file}:Leaves`, { startMethod }), size: 1 });
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).toMatch(
      /worker "default-\d+" \(pid \d+\) ended before it was ready: it exited with status 9/,
    );
  });

  test("fails the start with the traceback of the module's own code", async () => {
    const file = starts().write("deep.py", "def inner():\n    return 1 / 0\n\ninner()\n");
    const error = await starts().error({ worker: python(file, { startMethod }), size: 1 });
    expect(error.python).toMatchObject({ type: "ZeroDivisionError" });
    expect(error.python?.traceback).toMatch(/deep\.py", line 2, in inner/);
    expect(error.python?.traceback).not.toMatch(/snakepit_bridge|importlib/);
  });
});

test("one invalid pool fails the start, which stops the other pools", async () => {
  const bad = starts().write("bad.py", "raise RuntimeError('no')\n");
  const good = starts().write("good.py", TOOL);
  const error = await starts().error({
    pools: { bad: { worker: python(bad), size: 1 }, good: { worker: python(good), size: 1 } },
  });
  expect(error).toMatchObject({ code: "WORKER_START_FAILED", pool: "bad" });
});

test("a missing file is named before any process starts", async () => {
  const file = join(starts().directory, "absent.py");
  const error = await starts().error({ worker: python(file), size: 1 });
  expect(error.code).toBe("INVALID_CONFIG");
  expect(error.message).toMatch(`the Python file ${file} of pool "default" does not exist; use a path relative to`);
});

test("a missing module is named with the search path", async () => {
  const error = await starts().error({ worker: python("no_such_module.tools", { cwd: starts().directory }), size: 1 });
  expect(error.message).toMatch(
    /^module 'no_such_module' .* was not found in .*; name a file instead \(for example '\.\/tools\.py'\)/,
  );
});

test("a missing class is named with the existing classes", async () => {
  const file = starts().write(
    "classes.py",
    `${TOOL}\nfrom snakepit_bridge import Adapter\n\nclass Right(Adapter): ...\n`,
  );
  const error = await starts().error({ worker: python(`${file}:Wrong`), size: 1 });
  expect(error.message).toBe(`classes.py has no class 'Wrong' (target '${file}:Wrong'); it has Right`);
});
