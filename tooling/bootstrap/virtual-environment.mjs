import { rmSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./child-process.mjs";
import { toolEnvironment } from "./environment.mjs";
import { installPip } from "./pip.mjs";
import { configuredPython, findPython, isUsable, probe } from "./python-interpreter.mjs";
import { toolFailure } from "./setup-error.mjs";
import { VENV } from "./workspace.mjs";

/** The interpreter of the virtual environment. */
export const VENV_PYTHON = join(VENV, "bin/python");

/**
 * Ensures that `.venv` is a virtual environment with pip and a usable Python: the one that SNAKEPIT_PYTHON names, if it
 * is set. Keeps a suitable environment.
 */
export async function ensureVirtualEnvironment() {
  const existing = await probe(VENV_PYTHON);
  const configured = await configuredPython();
  const fits = configured === undefined || configured.version === existing?.version;
  if (existing !== undefined && isUsable(existing) && fits) {
    const pip = await runTool(VENV_PYTHON, ["-m", "pip", "--version"], { env: toolEnvironment() });
    if (pip.status !== 0) await installPip(VENV_PYTHON, configured ?? (await findPython()));
    return;
  }
  await makeVirtualEnvironment(configured ?? (await findPython()));
}

/** @param {import("./python-interpreter.mjs").Interpreter} interpreter */
async function makeVirtualEnvironment(interpreter) {
  rmSync(VENV, { recursive: true, force: true });
  // Created without pip, because Debian may lack ensurepip.
  const made = await runTool(interpreter.program, ["-m", "venv", "--without-pip", VENV], { env: toolEnvironment() });
  if (made.status !== 0) {
    const remedy = `see the output above; on Debian and Ubuntu "apt install python3.${interpreter.minor}-venv" may help.`;
    throw toolFailure(`creating a virtual environment with ${interpreter.program}`, made, remedy);
  }
  await installPip(VENV_PYTHON, interpreter);
}
