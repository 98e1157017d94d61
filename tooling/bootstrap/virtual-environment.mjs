import { rmSync } from "node:fs";
import { join } from "node:path";
import { toolEnvironment } from "./environment.mjs";
import { toolFailure } from "./failure-remedy.mjs";
import { installPip } from "./pip.mjs";
import { findPython, isUsable, probe, wantedPython } from "./python-interpreter.mjs";
import { runTool } from "./tool-process.mjs";
import { VENV } from "./workspace.mjs";

/** The interpreter of the virtual environment. */
export const VENV_PYTHON = join(VENV, "bin/python");

/**
 * Sees that `.venv` is a virtual environment with a Python that will do, the one that SNAKEPIT_PYTHON names if it names
 * one, and with pip. Keeps an environment that is so.
 */
export async function ensureVirtualEnvironment() {
  const existing = await probe(VENV_PYTHON);
  const wanted = await wantedPython();
  const fits = wanted === undefined || wanted.version === existing?.version;
  if (existing !== undefined && isUsable(existing) && fits) {
    const pip = await runTool(VENV_PYTHON, ["-m", "pip", "--version"], { env: toolEnvironment() });
    if (pip.status !== 0) await installPip(VENV_PYTHON, wanted ?? (await findPython()));
    return;
  }
  await makeVirtualEnvironment(wanted ?? (await findPython()));
}

/** @param {import("./python-interpreter.mjs").Interpreter} interpreter */
async function makeVirtualEnvironment(interpreter) {
  rmSync(VENV, { recursive: true, force: true });
  // Without pip at first: where Debian has split ensurepip off, the environment can still be made.
  const made = await runTool(interpreter.program, ["-m", "venv", "--without-pip", VENV], { env: toolEnvironment() });
  if (made.status !== 0) {
    const remedy = `see the output above; on Debian and Ubuntu "apt install python3.${interpreter.minor}-venv" may help.`;
    throw toolFailure(`making a virtual environment with ${interpreter.program}`, made, remedy);
  }
  await installPip(VENV_PYTHON, interpreter);
}
