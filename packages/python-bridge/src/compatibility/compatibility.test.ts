import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TABLE } from "../gen/libraries.ts";
import { compatibility } from "./compatibility.ts";
import { isOlder } from "./library-version.ts";

const run = promisify(execFile);

describe("check", () => {
  test.each([
    ["cv2", "OpenCV", "opencv-python"],
    ["OpenCV_Python.Headless", "OpenCV", "opencv-python-headless"],
    ["sklearn.svm", "scikit-learn", "scikit-learn"],
    ["PIL", "Pillow", "pillow"],
    ["google.cloud.storage", "Google Cloud Storage", "google-cloud-storage"],
    ["sqlite3", "SQLite", null],
  ])("%s is %s", async (name, found, distribution) => {
    expect(await compatibility.check(name)).toMatchObject({ known: true, name: found, distribution });
  });

  test("an unknown library has no verdict", async () => {
    expect(await compatibility.check("My_Library", "1.0")).toMatchObject({
      known: false,
      name: "My_Library",
      distribution: "my-library",
      version: "1.0",
      threads: { safe: "unknown" },
      fork: { safe: "unknown" },
      freeThreading: { support: "unknown" },
    });
    expect(await compatibility.check("google")).toMatchObject({ known: false });
  });

  test("the result depends on the version", async () => {
    const support = async (version?: string) => (await compatibility.check("numpy", version)).freeThreading.support;
    expect([await support(), await support("2.0.2"), await support("2.1.0rc1"), await support("2.1")]).toEqual([
      "yes",
      "no",
      "no",
      "yes",
    ]);
    expect((await compatibility.check("xgboost", "1.3.3")).threads.safe).toBe("no");
    expect((await compatibility.check("xgboost", "1.4")).threads.safe).toBe("conditional");
  });

  test("invalid arguments are rejected", async () => {
    await expect(compatibility.check(" ")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(compatibility.check("numpy", 2 as never)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'version must be a version such as "2.1.0"; got 2',
    });
    for (const name of ["numpy", "unknown-library"]) {
      await expect(compatibility.check(name, "latest")).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: 'version must be a version such as "2.1.0"; got "latest"',
      });
    }
  });

  test.each([
    ["1.9", "1.10"],
    ["1.0rc1", "1.0"],
    ["1.0.dev5", "1.0"],
    ["2025.12", "2026.1.0"],
    ["9.0", "1!0.1"],
    ["7.0.0a1", "7"],
  ])("%s is older than %s", (older, newer) => {
    expect([isOlder(older, newer), isOlder(newer, older)]).toEqual([true, false]);
  });

  test.each([
    ["1.0", "1"],
    ["v1.2.0", "1.2"],
    ["1.2.post1", "1.2"],
    ["1.2+local", "1.2"],
  ])("%s and %s are equal", (one, other) => {
    expect([isOlder(one, other), isOlder(other, one)]).toEqual([false, false]);
  });

  test("both languages have the same table and the same results", async () => {
    const names = TABLE.libraries.flatMap(({ modules, distributions }) => [...modules, ...distributions]);
    const script = `
import json, msgspec
from snakepit_bridge.compatibility import check
print(json.dumps([json.loads(msgspec.json.encode(check(name))) for name in json.loads(input())]))`;
    const child = run(join(import.meta.dirname, "../../../../.venv/bin/python"), ["-c", script], {
      maxBuffer: 1 << 26,
    });
    child.child.stdin?.end(`${JSON.stringify(names)}\n`);
    const inPython = JSON.parse((await child).stdout) as unknown[];
    const here = await Promise.all(names.map((name) => compatibility.check(name)));
    expect(here).toEqual(inPython);
  });
});

describe("report", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "snakepit-report-"));
    await writeFile(join(directory, "tools.py"), "import helper\nraise SystemExit('executed')\n");
    await writeFile(join(directory, "helper.py"), "import numpy, a_missing_library\n");
  });
  afterAll(() => rm(directory, { recursive: true }));
  const python = join(import.meta.dirname, "../../../../.venv/bin/python");

  test("contains the libraries that a module and its local modules import", async () => {
    const report = await compatibility.report("./tools.py", { python, cwd: directory });
    expect(report.files).toHaveLength(2);
    expect(report.libraries).toMatchObject([
      { name: "a_missing_library", known: false, installed: false },
      { name: "NumPy", known: true, installed: true, importedAt: [expect.stringMatching(/helper\.py:1$/)] },
    ]);
    expect(report.recommendations[0]).toMatch(/^a_missing_library is not installed in /);
    // A module is found in the working directory.
    expect(await compatibility.report("tools", { python, cwd: directory })).toMatchObject({
      libraries: report.libraries,
    });
  });

  test("an execution that fails is an error", async () => {
    await expect(compatibility.report("./tools.py", { python, cwd: directory, execute: true })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("tools.py"),
    });
  });

  test.each(["./missing.py", "", "--help", "missing.module"])("rejects the target %j", async (target) => {
    await expect(compatibility.report(target, { python, cwd: directory })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });

  test("an interpreter without the bridge package is an error with the remedy", async () => {
    const without = "/usr/bin/python3";
    await expect(compatibility.report("./tools.py", { python: without, cwd: directory })).rejects.toMatchObject({
      code: "WORKER_START_FAILED",
      message: expect.stringMatching(/snakepit-bridge is not installed in .*npx snakepit setup/),
    });
  });
});
