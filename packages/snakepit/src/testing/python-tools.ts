import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { PythonFacts } from "../command/setup/python-facts.ts";

const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, "../../../..");
const TOOLS = join(ROOT, ".tools");
const UV = "0.13.9";
const POETRY = "2.5.1";

/** Installs uv from PyPI, once for this clone; resolves with the directory of its executable. */
export async function uvDirectory(): Promise<string> {
  const folder = await installedOnce(`uv-${UV}`, async (target) => {
    await run(join(ROOT, ".venv/bin/python"), ["-m", "pip", "install", "--quiet", "--target", target, `uv==${UV}`]);
  });
  return join(folder, "bin");
}

/** Installs poetry from PyPI, once for this clone; resolves with the directory of its executable. */
export async function poetryDirectory(): Promise<string> {
  const uv = join(await uvDirectory(), "uv");
  const folder = await installedOnce(`poetry-${POETRY}`, async (target) => {
    const python = join(ROOT, ".venv/bin/python");
    await run(uv, ["venv", "--quiet", "--relocatable", "--python", python, target]);
    await run(uv, ["pip", "install", "--quiet", "--python", target, `poetry==${POETRY}`]);
  });
  return join(folder, "bin");
}

/**
 * Installs packages from PyPI in a separate directory, not in the environment of this clone, once for these versions.
 *
 * @param requirements the file that lists the packages.
 * @param constraints a file with the versions of the dependencies that the environment already has.
 * @returns the directory to put on PYTHONPATH.
 */
export async function librariesDirectory(requirements: string, constraints: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of [requirements, constraints]) hash.update(readFileSync(file));
  const uv = join(await uvDirectory(), "uv");
  return await installedOnce(`python-libraries-${hash.digest("hex").slice(0, 12)}`, async (target) => {
    const python = join(ROOT, ".venv/bin/python");
    const options = ["--requirements", requirements, "--constraints", constraints];
    await run(uv, ["pip", "install", "--quiet", "--python", python, "--target", target, ...options]);
  });
}

/**
 * Writes a program that reports the properties of an interpreter, for versions and faults that machines rarely have.
 */
export function writeFakeInterpreter(path: string, facts: Partial<PythonFacts>): string {
  const all: PythonFacts = {
    version: "3.12.1",
    prefix: dirname(dirname(path)),
    isEnvironment: false,
    hasPip: true,
    hasEnsurepip: true,
    ...facts,
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho '${JSON.stringify(all)}'\n`);
  chmodSync(path, 0o755);
  return path;
}

/** The folder is complete when it exists. */
async function installedOnce(name: string, install: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(TOOLS, name);
  if (existsSync(folder)) return folder;
  mkdirSync(TOOLS, { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    await install(unfinished);
    renameSync(unfinished, folder);
  } catch (thrown) {
    rmSync(unfinished, { recursive: true });
    // Another process may have installed them meanwhile.
    if (existsSync(folder)) return folder;
    throw thrown;
  }
  return folder;
}
