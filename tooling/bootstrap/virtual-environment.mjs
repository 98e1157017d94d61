import { rmSync } from "node:fs";
import { join } from "node:path";
import { toolEnvironment } from "./environment.mjs";
import { toolFailure } from "./failure-remedy.mjs";
import { installPip } from "./pip.mjs";
import { findPython } from "./python-interpreter.mjs";
import { runTool } from "./tool-process.mjs";
import { VENV } from "./workspace.mjs";

/** The interpreter of the virtual environment. */
export const VENV_PYTHON = join(VENV, "bin/python");

/** Sees that `.venv` is a virtual environment with a Python that will do, and with pip. Keeps one that is usable. */
export async function ensureVirtualEnvironment() {
  if (await works(["-c", "import sys; sys.exit(sys.version_info < (3, 10))"])) {
    if (!(await works(["-m", "pip", "--version"]))) await installPip(VENV_PYTHON, await findPython());
    return;
  }
  const interpreter = await findPython();
  rmSync(VENV, { recursive: true, force: true });
  // Without pip at first: where Debian has split ensurepip off, the environment can still be made.
  const made = await runTool(interpreter.program, ["-m", "venv", "--without-pip", VENV], { env: toolEnvironment() });
  if (made.status !== 0) {
    const remedy = `see the output above; on Debian and Ubuntu "apt install python3.${interpreter.minor}-venv" may help.`;
    throw toolFailure(`making a virtual environment with ${interpreter.program}`, made, remedy);
  }
  await installPip(VENV_PYTHON, interpreter);
}

/** @param {readonly string[]} args */
async function works(args) {
  try {
    return (await runTool(VENV_PYTHON, args, { env: toolEnvironment() })).status === 0;
  } catch {
    return false;
  }
}
