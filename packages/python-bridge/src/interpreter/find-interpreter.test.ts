import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rejection } from "../testing/launching.ts";
import { findInterpreter } from "./find-interpreter.ts";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "snakepit-interpreters-")));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Creates an executable in the test's directory; returns its path. */
function executable(path: string, mode = 0o755): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, "#!/bin/sh\n");
  chmodSync(full, mode);
  return full;
}

describe("findInterpreter() selects the interpreter", () => {
  test("from the option, before everything else", async () => {
    const python = executable("mine/python");
    const env = { SNAKEPIT_PYTHON: executable("other/python"), VIRTUAL_ENV: dirname(executable("venv/bin/python3")) };
    expect(await findInterpreter({ python, cwd: root, env })).toEqual({
      path: python,
      chosenBy: "the option python",
      isChoice: true,
    });
  });

  test("from the option as a command on PATH, a relative path, or the directory of an environment", async () => {
    const command = executable("bin/python3.77");
    const inside = executable("env/bin/python");
    const env = { PATH: `/nowhere::${join(root, "bin")}` };
    const find = async (python: string) => (await findInterpreter({ python, cwd: root, env })).path;
    expect(await find("python3.77")).toBe(command);
    expect(await find("./bin/python3.77")).toBe(command);
    expect(await find(join(root, "env"))).toBe(inside);
    expect(await find("./env")).toBe(inside);
    expect(await find("env")).toBe(inside);
  });

  test("from SNAKEPIT_PYTHON, before an active environment", async () => {
    const path = executable("named/python");
    executable("venv/bin/python3");
    const env = { SNAKEPIT_PYTHON: path, VIRTUAL_ENV: join(root, "venv") };
    expect(await findInterpreter({ cwd: root, env })).toEqual({ path, chosenBy: "SNAKEPIT_PYTHON", isChoice: true });
  });

  test("from the active environment, before an environment in the working directory", async () => {
    executable(".venv/bin/python3");
    const active = executable("active/bin/python3");
    const conda = executable("conda/bin/python");
    const VIRTUAL_ENV = join(root, "active");
    const CONDA_PREFIX = join(root, "conda");
    expect((await findInterpreter({ cwd: root, env: { VIRTUAL_ENV, CONDA_PREFIX } })).path).toBe(active);
    expect((await findInterpreter({ cwd: root, env: { CONDA_PREFIX } })).path).toBe(conda);
    // A deleted environment is skipped.
    const stale = { VIRTUAL_ENV: join(root, "gone"), CONDA_PREFIX };
    expect((await findInterpreter({ cwd: root, env: stale })).path).toBe(conda);
  });

  test("from an environment in the directory of the target or its parents, then the working directory", async () => {
    const above = executable("project/.venv/bin/python3");
    const sibling = executable("project/deep/venv/bin/python");
    const elsewhere = executable("elsewhere/.conda/bin/python3");
    const cwd = join(root, "elsewhere");
    const find = async (targetDirectory?: string) => {
      if (targetDirectory !== undefined) mkdirSync(targetDirectory, { recursive: true });
      const search = { cwd, env: {}, ...(targetDirectory !== undefined && { targetDirectory }) };
      return (await findInterpreter(search)).path;
    };
    expect(await find(join(root, "project/deep"))).toBe(sibling);
    expect(await find(join(root, "project/other/src"))).toBe(above);
    expect(await find(join(root, "unrelated"))).toBe(elsewhere);
    expect(await find()).toBe(elsewhere);
  });

  test("from uv's environment where the project names another one", async () => {
    const path = executable("project/build/env/bin/python3");
    const env = { UV_PROJECT_ENVIRONMENT: "build/env" };
    expect((await findInterpreter({ cwd: join(root, "project"), env })).path).toBe(path);
  });

  test("from poetry's environment of the project, the newest Python first", async () => {
    const project = join(root, "project");
    mkdirSync(join(project, "src"), { recursive: true });
    writeFileSync(join(project, "pyproject.toml"), "");
    const mark = createHash("sha256").update(project).digest("base64url").slice(0, 8);
    executable(`cache/virtualenvs/project-${mark}-py3.9/bin/python3`);
    const newest = executable(`cache/virtualenvs/project-${mark}-py3.13/bin/python3`);
    executable("cache/virtualenvs/another-AAAAAAAA-py3.14/bin/python3");
    const env = { POETRY_CACHE_DIR: join(root, "cache") };
    expect((await findInterpreter({ cwd: join(project, "src"), env })).path).toBe(newest);
  });

  test("from PATH in the end, python3 before python", async () => {
    const python3 = executable("b/python3");
    const python = executable("a/python");
    executable("a/python3", 0o644);
    const env = { PATH: `${join(root, "a")}:${join(root, "b")}` };
    expect(await findInterpreter({ cwd: root, env })).toEqual({
      path: python3,
      chosenBy: "python3 on PATH",
      isChoice: false,
    });
    expect((await findInterpreter({ cwd: root, env: { PATH: join(root, "a") } })).path).toBe(python);
  });
});

describe("findInterpreter() fails", () => {
  test("if no interpreter is found, and names all searched places", async () => {
    const env = { VIRTUAL_ENV: join(root, "gone"), PATH: root };
    const error = await rejection(findInterpreter({ cwd: root, targetDirectory: join(root, "target"), env }));
    expect(error).toMatchObject({ code: "WORKER_START_FAILED", startFailure: "permanent" });
    for (const place of [
      "the option python",
      "SNAKEPIT_PYTHON",
      `VIRTUAL_ENV=${join(root, "gone")} (has no bin/python3)`,
      "CONDA_PREFIX (not set)",
      join(root, "target"),
      "python3 on PATH",
      "python on PATH",
    ]) {
      expect(error.message).toContain(place);
    }
  });

  test.each([
    ["a path that does not exist", "/nowhere/python3", "got /nowhere/python3, which does not exist"],
    ["a command that does not exist", "python3.77", 'got "python3.77", which is neither a command on PATH nor an'],
    [
      "an environment that does not exist",
      ".venv",
      'got ".venv", which is neither a command on PATH nor an environment in',
    ],
    [
      "the name of an environment",
      ".venv",
      "; create it with npx snakepit setup --venv .venv, correct the setting, or",
    ],
    ["a directory without an interpreter", "./empty", "which has no bin/python3"],
    ["a file that is not executable", "./plain.txt", "which is not executable"],
    ["a dangling link", "./dangling", "which does not exist"],
  ])("if the option is %s", async (_, python, problem) => {
    mkdirSync(join(root, "empty"));
    executable("plain.txt", 0o644);
    symlinkSync(join(root, "nothing"), join(root, "dangling"));
    const error = await rejection(findInterpreter({ python, cwd: root, env: { PATH: root } }));
    expect(error.code).toBe("INVALID_CONFIG");
    expect(error.message).toContain("the option python");
    expect(error.message).toContain(problem);
    const byVariable = await rejection(findInterpreter({ cwd: root, env: { SNAKEPIT_PYTHON: python, PATH: root } }));
    expect(byVariable.message).toContain("SNAKEPIT_PYTHON must be");
  });
});
