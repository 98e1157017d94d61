import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { callTool, launchOne, rejection } from "../testing/launching.ts";
import { LaunchingHost, TargetFiles } from "../testing/launching-host.ts";

let files: TargetFiles;
let host: LaunchingHost;

beforeEach(() => {
  files = new TargetFiles();
  host = new LaunchingHost();
});

afterEach(async () => {
  await host[Symbol.asyncDispose]();
  await files[Symbol.asyncDispose]();
});

const TOOL = "from snakepit_bridge import tool\n\n@tool\ndef one() -> int:\n    return 1\n";

/** Pools and executors of every kind, with functions and classes of the target itself. */
const POOLS = `
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor

from snakepit_bridge import Adapter, tool

class Cubed:
    def __init__(self, value):
        self.value = value

def cube(x):
    return x**3

def cubed(x):
    return Cubed(x**3)

def put_cubes(queue):
    queue.put([cube(x) for x in range(3)])

@tool
def run(method: str) -> list:
    context = mp.get_context(method)
    with context.Pool(1) as pool:
        mapped = pool.map(cube, range(3))
        objects = [each.value for each in pool.map(cubed, range(3)) if type(each) is Cubed]
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        executed = list(executor.map(cube, range(3)))
    queue = context.Queue()
    process = context.Process(target=put_cubes, args=(queue,))
    process.start()
    put = queue.get()
    process.join()
    return [mapped, objects, executed, put]

class Tools(Adapter):
    @tool
    def run(self, method: str) -> list:
        return run(method)
`;
const CUBES = [0, 1, 8];
const ALL_CUBES = [CUBES, CUBES, CUBES, CUBES];
/** Each call starts several interpreters. */
const PATIENCE_MS = 120_000;

function writeIn(directory: string, name: string, text: string): string {
  mkdirSync(join(files.directory, directory), { recursive: true });
  return files.write(join(directory, name), text);
}

describe.each(["fork", "spawn"] as const)("user code in a worker by %s", (startMethod) => {
  const targets = {
    fork: [
      ["my-tools.py", "spawn"],
      ["queue.py", "forkserver"],
      ["my.tools.py", "spawn"],
      ["2tools.py", "fork"],
    ],
    spawn: [
      ["tools v2.py", "spawn"],
      ["json.py", "forkserver"],
    ],
  }[startMethod];

  test.each(targets)(
    "uses multiprocessing in a file %s as a script does, by %s (H1)",
    { timeout: PATIENCE_MS },
    async (name, method) => {
      const worker = await launchOne(await host.launcher(writeIn("tools", name as string, POOLS), { startMethod }));
      expect(await callTool(worker, "run", { method })).toEqual(ALL_CUBES);
    },
  );

  // In the short form, workers of one start method have a module as their target, and the others a class.
  const modules = {
    fork: ["a module", "package.pools", "spawn"],
    spawn: ["a class", "package.pools:Tools", "forkserver"],
  } as const;
  test.each(LONG_TESTS ? Object.values(modules) : [modules[startMethod]])(
    "uses multiprocessing in %s as a script does (H1)",
    { timeout: PATIENCE_MS },
    async (_, target, method) => {
      writeIn("package", "__init__.py", "");
      writeIn("package", "pools.py", POOLS);
      const worker = await launchOne(await host.launcher(target, { startMethod, cwd: files.directory }));
      expect(await callTool(worker, "run", { method })).toEqual(ALL_CUBES);
    },
  );

  test("uses multiprocessing next to files named like modules, and in a working directory with such files (H1, H2)", {
    timeout: PATIENCE_MS,
  }, async () => {
    for (const name of ["json", "queue", "typing", "selectors"]) {
      writeIn("tools", `${name}.py`, "raise RuntimeError('imported in place of the standard module')\n");
    }
    for (const name of ["json", "logging", "select", "typing", "asyncio", "random", "snakepit_bridge", "msgspec"]) {
      writeIn("cwd", `${name}.py`, "raise RuntimeError('imported from the working directory')\n");
    }
    writeIn("tools", "helpers.py", "");
    const file = writeIn("tools", "tools.py", `import helpers, random, logging\n${POOLS}`);
    const worker = await launchOne(await host.launcher(file, { startMethod, cwd: join(files.directory, "cwd") }));
    expect(await callTool(worker, "run", { method: "spawn" })).toEqual(ALL_CUBES);
  });

  test("finds a module in the working directory, and in the directories of the option path (H2)", async () => {
    writeIn("lib", "helpers.py", "");
    writeIn("cwd", "here.py", `import helpers\n${TOOL}`);
    writeIn("cwd", "json.py", "raise RuntimeError('imported from the working directory')\n");
    const options = { startMethod, cwd: join(files.directory, "cwd"), path: ["../lib"] };
    const worker = await launchOne(await host.launcher("here", options));
    expect(await callTool(worker, "one")).toBe(1);
  });

  test("finds PYTHONPATH, and starts scripts that find their neighbors (H2)", async () => {
    writeIn("extra", "from_python_path.py", "VALUE = 5\n");
    writeIn("scripts", "neighbor.py", "VALUE = 6\n");
    const script = writeIn("scripts", "script.py", "import neighbor, from_python_path\nprint(neighbor.VALUE)\n");
    const file = writeIn(
      "tools",
      "tools.py",
      `
import subprocess, sys
import from_python_path
from snakepit_bridge import tool

@tool
def run(script: str) -> str:
    return subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
`,
    );
    const env = { PYTHONPATH: join(files.directory, "extra") };
    const worker = await launchOne(await host.launcher(file, { startMethod, env }));
    expect(await callTool(worker, "run", { script })).toBe("6\n");
  });

  test("sees its own path as the only argument, at import and in tools (H5)", async () => {
    const source = `
import argparse, sys
from snakepit_bridge import tool

argparse.ArgumentParser().parse_args()
AT_IMPORT = list(sys.argv)

@tool
def arguments() -> list:
    argparse.ArgumentParser().parse_args()
    return [AT_IMPORT, sys.argv, argparse.ArgumentParser().prog, __file__, __spec__.origin]
`;
    const file = writeIn("tools", "my-tools.py", source);
    const inModule = writeIn("package", "with_arguments.py", source);
    writeIn("package", "__init__.py", "import argparse\nargparse.ArgumentParser().parse_known_args()\n");
    const ofFile = await launchOne(await host.launcher(file, { startMethod }), "w1");
    expect(await callTool(ofFile, "arguments")).toEqual([[file], [file], "my-tools.py", file, file]);
    const target = "package.with_arguments";
    const ofModule = await launchOne(await host.launcher(target, { startMethod, cwd: files.directory }), "w2");
    expect(await callTool(ofModule, "arguments")).toEqual([
      [inModule],
      [inModule],
      "with_arguments.py",
      inModule,
      inModule,
    ]);
  });

  test("a file on PYTHONPATH that keeps Python from starting is named, and Python is called Python (H2)", async () => {
    const file = writeIn("tools", "tools.py", TOOL);
    const hiding = writeIn("extra", "types.py", "raise RuntimeError('imported in place of the standard module')\n");
    const env = { PYTHONPATH: join(files.directory, "extra") };
    const error = await rejection(launchOne(await host.launcher(file, { startMethod, env })));
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).not.toContain("is not a Python interpreter");
    expect(error.message).toContain(hiding);
  });
});

test("a file on PYTHONPATH that breaks the bridge's imports is named with the remedy (H2)", async () => {
  const file = writeIn("tools", "tools.py", TOOL);
  writeFileSync(join(files.directory, "msgspec.py"), "raise RuntimeError('not the package')\n");
  const error = await rejection(launchOne(await host.launcher(file, { env: { PYTHONPATH: files.directory } })));
  expect(error.message).not.toContain("is not a Python interpreter");
  expect(error.message).toContain("cannot be imported: RuntimeError: not the package");
});
