import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, "../../../..");
const TOOLS = join(ROOT, ".tools");
const UV = "0.13.9";
const POETRY = "2.5.1";

/** Installs uv from PyPI, once for this clone; resolves with the directory of its program. */
export async function uvDirectory(): Promise<string> {
  const folder = await installedOnce(`uv-${UV}`, async (target) => {
    await run(join(ROOT, ".venv/bin/python"), ["-m", "pip", "install", "--quiet", "--target", target, `uv==${UV}`]);
  });
  return join(folder, "bin");
}

/** Installs poetry from PyPI, once for this clone; resolves with the directory of its program. */
export async function poetryDirectory(): Promise<string> {
  const uv = join(await uvDirectory(), "uv");
  const folder = await installedOnce(`poetry-${POETRY}`, async (target) => {
    const python = join(ROOT, ".venv/bin/python");
    await run(uv, ["venv", "--quiet", "--relocatable", "--python", python, target]);
    await run(uv, ["pip", "install", "--quiet", "--python", target, `poetry==${POETRY}`]);
  });
  return join(folder, "bin");
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
    throw thrown;
  }
  return folder;
}
