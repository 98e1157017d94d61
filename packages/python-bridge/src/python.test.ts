import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { WorkerSpec } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { python } from "./python.ts";
import { parseTarget } from "./python-target.ts";
import { callTool, launchOne, rejection } from "./testing/launching.ts";
import { LaunchingHost, TargetFiles } from "./testing/launching-host.ts";

const NAMED = `
from snakepit_bridge import Adapter, tool

@tool
def where() -> str:
    """Returns the path of this file."""
    return __file__

class Counter(Adapter):
    @tool
    def count(self) -> int:
        """Counts."""
        return 1
`;

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

describe("a target", () => {
  test("is part of the specification, with file URLs converted to paths", () => {
    expect(python("./tools.py")).toMatchObject({ language: "python", target: "./tools.py" });
    expect(python(pathToFileURL("/app/tools.py"))).toMatchObject({ target: "/app/tools.py" });
  });

  test("is relative to another directory, with its options, on request", async () => {
    const file = files.write("named_tools.py", NAMED);
    const where = async (spec: WorkerSpec) => {
      const moved = spec.relativeTo?.(files.directory) ?? spec;
      return callTool(await launchOne(await host.launcher(moved), `w${performance.now()}`), "where");
    };
    expect(await where(python("./named_tools.py"))).toBe(file);
    const parent = basename(files.directory);
    expect(await where(python(`${parent}/named_tools.py`, { cwd: ".." }))).toBe(file);
  });

  test("with problems is the same relative to every directory", () => {
    const spec = python("");
    expect(spec.relativeTo?.("/app")).toBe(spec);
  });

  test.each([
    ["tools.py", { specifier: "/app/tools.py", file: "/app/tools.py" }],
    ["./lib/tools.py:Adapter", { specifier: "/app/lib/tools.py:Adapter", file: "/app/lib/tools.py" }],
    ["/srv/tools.py", { specifier: "/srv/tools.py", file: "/srv/tools.py" }],
    ["lib/tools", { specifier: "/app/lib/tools", file: "/app/lib/tools" }],
    [new URL("file:///srv/my%20tools.py:Adapter"), { specifier: "/srv/my tools.py:Adapter", file: "/srv/my tools.py" }],
    ["package.module", { specifier: "package.module" }],
    ["package.module:Adapter", { specifier: "package.module:Adapter" }],
  ])("%s is resolved against the working directory", (target, expected) => {
    expect(parseTarget(target, "/app")).toEqual(expected);
  });

  test("may be a relative file, a URL, a class of a file, or a module in a directory or archive of the path", async () => {
    const file = files.write("named_tools.py", NAMED);
    const cwd = files.directory;
    const where = async (target: string | URL, options = {}) => {
      const worker = await launchOne(await host.launcher(target, options), `w${performance.now()}`);
      return callTool(worker, "where");
    };
    expect(await where("./named_tools.py", { cwd })).toBe(file);
    expect(await where(pathToFileURL(file))).toBe(file);
    expect(await where("named_tools", { cwd })).toBe(file);
    expect(await where("named_tools", { path: [cwd] })).toBe(file);
    const archive = join(cwd, "tools.zip");
    execFileSync("python", ["-m", "zipfile", "-c", archive, file]);
    expect(await where("named_tools", { path: [archive] })).toBe(join(archive, "named_tools.py"));
    const counter = await launchOne(await host.launcher(`${file}:Counter`), "counter");
    expect(await callTool(counter, "count")).toBe(1);
  });

  test("that is a missing file is reported before any process starts", async () => {
    expect(await rejection(host.launcher("./missing.py", { cwd: files.directory }))).toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining(`the Python file ${join(files.directory, "missing.py")} of pool "tests"`),
      startFailure: "permanent",
    });
    expect(host.registry.commits).toEqual([]);
  });

  test("that is a directory is reported before any process starts", async () => {
    const directory = join(files.directory, "package.py");
    mkdirSync(directory);
    const start = { cwd: files.directory };
    expect(await rejection(host.launcher("./package.py", start))).toMatchObject({
      code: "INVALID_CONFIG",
      message: `the Python file ${directory} of pool "tests" is a directory; name a Python file, for example python("./tools.py")`,
    });
    const file = join(directory, "models.py");
    writeFileSync(file, "");
    expect((await rejection(host.launcher("./package.py", start))).message).toContain(
      `is a directory; name one of the files in it, for example python("${file}")`,
    );
    expect(host.registry.commits).toEqual([]);
  });

  test("that is a missing module is reported with the search path", async () => {
    expect(await rejection(launchOne(await host.launcher("no_such_module")))).toMatchObject({
      code: "WORKER_START_FAILED",
      message: expect.stringContaining("module 'no_such_module'"),
      startFailure: "permanent",
    });
  });
});

test("a working directory that does not exist is reported before any process starts", async () => {
  expect(await rejection(host.launcher("tools", { cwd: "/no/such/directory" }))).toMatchObject({
    code: "INVALID_CONFIG",
    message: expect.stringContaining('must be an existing directory; got "/no/such/directory"'),
  });
});

test("workers may use gRPC instead of the socket", async () => {
  const file = files.write("named_tools.py", NAMED);
  for (const startMethod of ["fork", "spawn"] as const) {
    const worker = await launchOne(await host.launcher(file, { transport: "grpc", startMethod }), startMethod);
    expect(await callTool(worker, "where")).toBe(file);
  }
});
