import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "./child-process.mjs";
import { toolEnvironment } from "./environment.mjs";
import { SetupError } from "./setup-error.mjs";

/** pip in one runnable file, published by its authors (pip.pypa.io, "Standalone zip application"). */
const ZIPAPP = process.env["SNAKEPIT_PIP_ZIPAPP"] ?? "https://bootstrap.pypa.io/pip/pip.pyz";
const DOWNLOAD = "import sys, urllib.request; urllib.request.urlretrieve(sys.argv[1], sys.argv[2])";

/**
 * Installs pip into a virtual environment with the first method that works: `ensurepip`, the pip of the base
 * interpreter, or pip as a single file from the network.
 * @param {string} venvPython
 * @param {import("./python-interpreter.mjs").Interpreter} base
 */
export async function installPip(venvPython, base) {
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-pip-"));
  try {
    await firstWayThatWorks(venvPython, base, join(scratch, "pip.pyz"));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/**
 * @param {string} venvPython
 * @param {import("./python-interpreter.mjs").Interpreter} base
 * @param {string} zipapp the path for pip as a single file
 */
async function firstWayThatWorks(venvPython, base, zipapp) {
  const intoVenv = ["--python", venvPython, "install", "--quiet", "pip"];
  const ways = [
    [[venvPython, "-m", "ensurepip", "--default-pip"]],
    [[base.program, "-m", "pip", ...intoVenv]],
    [
      [base.program, "-c", DOWNLOAD, ZIPAPP, zipapp],
      [base.program, zipapp, ...intoVenv],
    ],
  ];
  let last = "";
  for (const way of ways) {
    const failure = await firstFailure(way);
    if (failure === undefined) return;
    last = failure;
  }
  throw new SetupError(
    `${base.program} (${base.version}) has no pip, and fetching pip failed.`,
    `on Debian and Ubuntu run "apt install python3.${base.minor}-venv"; or set SNAKEPIT_PYTHON to a Python with pip.`,
    { output: last },
  );
}

/**
 * @param {readonly (readonly string[])[]} commands
 * @returns {Promise<string | undefined>} the output of the first command that failed
 */
async function firstFailure(commands) {
  for (const [program, ...args] of commands) {
    const result = await runTool(/** @type {string} */ (program), args, { env: toolEnvironment() });
    if (result.status !== 0) return result.tail;
  }
  return undefined;
}
