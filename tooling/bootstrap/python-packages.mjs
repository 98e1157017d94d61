import { existsSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./child-process.mjs";
import { toolEnvironment } from "./environment.mjs";
import { toolFailure } from "./setup-error.mjs";
import { fingerprint, isFresh, writeStamp } from "./stamp.mjs";
import { VENV_PYTHON } from "./virtual-environment.mjs";
import { PYTHON_PROJECT, VENV } from "./workspace.mjs";

const REQUIREMENTS = join(PYTHON_PROJECT, "requirements-dev.txt");
const STAMP = join(VENV, ".snakepit-stamp");
const SOURCES = join(PYTHON_PROJECT, "src");
const BYTECODE_STAMP = join(VENV, ".snakepit-bytecode-stamp");

/** @returns {boolean} whether the Python side is prepared */
export function hasPythonPackages() {
  return isFresh(STAMP, requirementsState()) && existsSync(VENV_PYTHON);
}

/** Installs the development dependencies into the virtual environment, and our package as editable. */
export async function installPythonPackages() {
  const state = requirementsState();
  await pip(["-r", REQUIREMENTS]);
  // The requirements include the build backend, so that the build of our package fetches nothing.
  await pip(["--no-deps", "--no-build-isolation", "--editable", PYTHON_PROJECT]);
  writeStamp(STAMP, state);
}

/** @returns {boolean} whether the bytecode of our package matches its sources */
export function hasBytecode() {
  return isFresh(BYTECODE_STAMP, bytecodeState());
}

/**
 * Compiles our package to bytecode, as an installation that is not editable does. With `PYTHONDONTWRITEBYTECODE`, every
 * process would compile it again, which takes as long as importing it.
 */
export async function compileBytecode() {
  const state = bytecodeState();
  const result = await runTool(VENV_PYTHON, ["-m", "compileall", "-q", SOURCES], { env: toolEnvironment() });
  // A source that does not compile is reported where it is imported.
  if (result.status === 0) writeStamp(BYTECODE_STAMP, state);
}

function bytecodeState() {
  return fingerprint([VENV, process.env["SNAKEPIT_PYTHON"] ?? ""], [SOURCES]);
}

function requirementsState() {
  const explicit = process.env["SNAKEPIT_PYTHON"] ?? "";
  return fingerprint([VENV, explicit], [REQUIREMENTS, join(PYTHON_PROJECT, "pyproject.toml")]);
}

/** @param {readonly string[]} what */
async function pip(what) {
  const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", ...what];
  const result = await runTool(VENV_PYTHON, args, { env: toolEnvironment() });
  if (result.status === 0) return;
  const remedy = "see the output of pip above; to start over, delete .venv and run the command again.";
  throw toolFailure("installing the Python packages into .venv", result, remedy);
}
