import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFakeInterpreter } from "../../testing/python-tools.ts";
import { type ChoiceOptions, chooseEnvironment } from "./choose-environment.ts";

let project: string;
let system: string;
beforeEach(() => {
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-choice-"));
  project = join(scratch, "project");
  system = writeFakeInterpreter(join(scratch, "usr/bin/python3"), { version: "3.12.1" });
  writeFakeInterpreter(join(project, "other/bin/python3"), { version: "3.11.4", isEnvironment: true });
});
afterEach(() => rmSync(join(project, ".."), { recursive: true }));

function choose(options: Partial<ChoiceOptions> = {}) {
  const env = { PATH: join(system, ".."), HOME: project };
  return chooseEnvironment({ python: undefined, venv: undefined, cwd: project, env, ...options });
}

test("without an environment, .venv is created with the interpreter of the system", async () => {
  expect(await choose()).toMatchObject({ is: "new", directory: join(project, ".venv"), base: system });
});

test("the environment in the directory of the project is used", async () => {
  const interpreter = writeFakeInterpreter(join(project, ".venv/bin/python3"), { isEnvironment: true });
  expect(await choose()).toMatchObject({ is: "existing", interpreter });
});

test("an environment whose interpreter was removed is not replaced, because it may contain packages", async () => {
  mkdirSync(join(project, ".venv/bin"), { recursive: true });
  symlinkSync("/nowhere/python3.11", join(project, ".venv/bin/python3"));
  await expect(choose()).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: `the environment ${join(project, ".venv")} has no usable interpreter: ${join(project, ".venv/bin/python3")} leads to /nowhere/python3.11, which does not exist; remove ${join(project, ".venv")}, then create it again: npx snakepit setup`,
  });
  expect(await choose({ venv: "second" })).toMatchObject({ is: "new", directory: join(project, "second") });
});

test("the active environment is used", async () => {
  const env = { PATH: join(system, ".."), VIRTUAL_ENV: join(project, "other") };
  expect(await choose({ env })).toMatchObject({ is: "existing", interpreter: join(project, "other/bin/python3") });
});

test("an environment that is named as the interpreter is used", async () => {
  expect(await choose({ python: "./other" })).toMatchObject({ is: "existing", facts: { version: "3.11.4" } });
});

test("a named system interpreter creates the environment and is not changed", async () => {
  expect(await choose({ python: system, venv: "env" })).toMatchObject({
    is: "new",
    directory: join(project, "env"),
    base: system,
  });
});

test("an existing environment with another version than the named interpreter is not changed", async () => {
  await expect(choose({ python: system, venv: "other" })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(
      /^other must have the Python version of .*, 3\.12\.1; got an existing environment with 3\.11\.4; remove it/,
    ),
  });
});

test("an interpreter that is too old is rejected with its version", async () => {
  writeFakeInterpreter(system, { version: "3.8.10" });
  await expect(choose()).rejects.toMatchObject({
    code: "WORKER_START_FAILED",
    message: `${system} must be Python 3.10 or newer; got Python 3.8.10; name another interpreter with --python`,
  });
});

test("a program that is not Python is rejected", async () => {
  await expect(choose({ python: "/bin/true" })).rejects.toThrow("/bin/true is not a working Python interpreter");
});
