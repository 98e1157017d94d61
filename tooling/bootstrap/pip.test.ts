import { execFile } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const run = promisify(execFile);
const developed = resolve(import.meta.dirname, "../../.venv");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "snakepit-pip-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("installs pip from a single file if Python has neither ensurepip nor pip", async () => {
  const venv = join(folder, "venv");
  await run(join(developed, "bin/python"), ["-m", "venv", "--without-pip", venv]);
  const bare = bareInterpreter(join(venv, "bin/python"));
  await installPip(bare, await pipAsSingleFile());
  expect(existsSync(join(venv, "bin/pip"))).toBe(true);
});

test("names the package to install if that fails too", async () => {
  const bare = bareInterpreter(join(developed, "bin/python"));
  const failure = await installPip(bare, pathToFileURL(join(folder, "missing.pyz")).href).catch((thrown) => thrown);
  expect(failure.stderr).toContain("has no pip, and fetching pip failed.");
  expect(failure.stderr).toContain("apt install python3.11-venv");
});

/** Creates an interpreter like that of Debian, without the modules that install pip. */
function bareInterpreter(python: string): string {
  const program = join(folder, "bare-python");
  const script = `case "$1 $2" in "-m ensurepip"|"-m pip") echo "No module named $2" >&2; exit 1;; esac\nexec '${python}' "$@"`;
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return program;
}

/** Creates a single-file pip, like the published one, from the installed pip. */
async function pipAsSingleFile(): Promise<string> {
  const source = join(folder, "pip-source");
  mkdirSync(source);
  const copy = "import pip, shutil, sys; shutil.copytree(pip.__path__[0], sys.argv[1] + '/pip')";
  await run(join(developed, "bin/python"), ["-c", copy, source]);
  useCompiledModules(source);
  const file = join(folder, "pip.pyz");
  const args = ["-m", "zipapp", source, "--main", "pip._internal.cli.main:main", "--output", file];
  await run(join(developed, "bin/python"), args);
  return pathToFileURL(file).href;
}

/** Python compiles the modules of a zip archive in every process, unless compiled ones are next to their sources. */
function useCompiledModules(folder: string): void {
  for (const file of globSync("**/__pycache__/*.pyc", { cwd: folder })) {
    const [, directory, name] = /^(.*)__pycache__\/(\w+)\.cpython-\d+\.pyc$/.exec(file) ?? [];
    if (name !== undefined) renameSync(join(folder, file), join(folder, `${directory}${name}.pyc`));
  }
}

async function installPip(python: string, zipapp: string): Promise<void> {
  const module = JSON.stringify(join(import.meta.dirname, "pip.mjs"));
  const base = JSON.stringify({ program: python, version: "3.11.2", minor: 11 });
  const program = `
    import { installPip } from ${module};
    await installPip(${JSON.stringify(python)}, ${base}).catch((error) => {
      console.error(error.toText());
      process.exitCode = 1;
    });`;
  await run(process.execPath, ["--input-type=module", "--eval", program], {
    // Compiling what is installed takes longer than the rest.
    env: { ...process.env, SNAKEPIT_PIP_ZIPAPP: zipapp, PIP_NO_COMPILE: "1" },
  });
}
