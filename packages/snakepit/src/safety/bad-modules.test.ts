import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { python, Snakepit, SnakepitError } from "../index.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-bad-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const TOOL = "from snakepit_bridge import tool\n\n@tool\ndef one() -> int:\n    return 1\n";

/** A module that cannot serve, and what its author has to read. */
const MODULES: readonly (readonly [what: string, source: string, says: RegExp])[] = [
  ["a syntax error", "def broken(:\n    pass\n", /bad\.py.*line 1/s],
  ["a missing dependency", "import no_such_package_anywhere\n", /no_such_package_anywhere/],
  [
    "an exception at import",
    "raise RuntimeError('the licence has expired')\n",
    /RuntimeError.*the licence has expired/s,
  ],
  ["no tools", "def plain():\n    return 1\n", /no tools.*@tool/s],
  ["two tools of one name", `${TOOL}\n@tool(name="one")\ndef another() -> int:\n    return 2\n`, /one/],
  ["an exit at import", "import sys\nsys.exit(3)\n", /bad\.py.*ends the process when it is imported/],
  ["a process that leaves at once", "import os\nos._exit(9)\n", /9/],
];

describe.each(["zygote", "spawn"] as const)("a module started by %s", (launcher) => {
  test.each(MODULES)("with %s is a start error that says so", async (_, source, says) => {
    const file = join(directory, "bad.py");
    writeFileSync(file, source);
    const error = await startError({ worker: python(file, { launcher }), size: 2 });
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).toMatch(says);
  });

  test("that takes too long is a start error that names the limit", async () => {
    const file = join(directory, "slow.py");
    writeFileSync(file, `import time\ntime.sleep(60)\n${TOOL}`);
    const error = await startError({ worker: python(file, { launcher }), size: 1, startTimeoutMs: 700 });
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).toMatch(/700 ms.*startTimeoutMs/s);
  });

  test("carries the traceback of the author's own code", async () => {
    const file = join(directory, "deep.py");
    writeFileSync(file, "def inner():\n    return 1 / 0\n\ninner()\n");
    const error = await startError({ worker: python(file, { launcher }), size: 1 });
    expect(error.python).toMatchObject({ type: "ZeroDivisionError" });
    expect(error.python?.traceback).toMatch(/deep\.py", line 2, in inner/);
    expect(error.python?.traceback).not.toMatch(/snakepit_bridge|importlib/);
  });
});

test("one bad pool does not keep a good one from working", async () => {
  const bad = join(directory, "bad.py");
  const good = join(directory, "good.py");
  writeFileSync(bad, "raise RuntimeError('no')\n");
  writeFileSync(good, TOOL);
  const error = await startError({
    pools: { bad: { worker: python(bad), size: 1 }, good: { worker: python(good), size: 1 } },
  });
  expect(error).toMatchObject({ code: "WORKER_START_FAILED", pool: "bad" });
});

test("a file that is not there is named before anything is started", async () => {
  const error = await startError({ worker: python(join(directory, "absent.py")), size: 1 });
  expect(error.message).toContain("absent.py");
});

test("an interpreter that is not there is named", async () => {
  const file = join(directory, "good.py");
  writeFileSync(file, TOOL);
  const error = await startError({ worker: python(file, { python: "/no/such/python3" }), size: 1 });
  expect(error.message).toContain("/no/such/python3");
});

async function startError(config: Parameters<typeof Snakepit.start>[0]): Promise<SnakepitError> {
  try {
    await using _ = await Snakepit.start(config);
  } catch (error) {
    if (!(error instanceof SnakepitError)) throw error;
    return error;
  }
  throw new Error("the start succeeded");
}
