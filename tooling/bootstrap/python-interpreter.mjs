import { runTool } from "./child-process.mjs";
import { toolEnvironment } from "./environment.mjs";
import { SetupError } from "./setup-error.mjs";

const OLDEST_MINOR = 10;
const NEWEST_MINOR = 14;
const NAMES = ["python3", ...range(NEWEST_MINOR, OLDEST_MINOR).map((minor) => `python3.${minor}`), "python"];

// Runs on any Python 3.
const PROBE = `
import importlib.util, json, platform, sys
print(json.dumps({
  "program": sys.executable,
  "version": platform.python_version(),
  "minor": sys.version_info[1],
  "implementation": sys.implementation.name,
  "venv": importlib.util.find_spec("venv") is not None,
  "ensurepip": importlib.util.find_spec("ensurepip") is not None,
}))`;

/**
 * @typedef {object} Interpreter
 * @property {string} program absolute path
 * @property {string} version
 * @property {number} minor
 * @property {string} implementation
 * @property {boolean} venv whether it can create virtual environments
 * @property {boolean} ensurepip whether it can install pip into them (Debian has both in a separate package)
 */

/**
 * Returns the first usable Python on PATH, preferably one that can install pip by itself.
 * @returns {Promise<Interpreter>}
 */
export async function findPython() {
  /** @type {Interpreter[]} */
  const found = [];
  for (const name of NAMES) {
    const interpreter = await probe(name);
    if (interpreter === undefined) continue;
    if (isUsable(interpreter) && interpreter.ensurepip) return interpreter;
    found.push(interpreter);
  }
  return found.find(isUsable) ?? fail(found);
}

/**
 * Returns the Python that SNAKEPIT_PYTHON names.
 * @returns {Promise<Interpreter | undefined>} undefined if the variable is not set
 */
export async function configuredPython() {
  const program = process.env["SNAKEPIT_PYTHON"];
  if (program === undefined || program === "") return undefined;
  const interpreter = await probe(program);
  const problem = interpreter === undefined ? "cannot be run" : problemWith(interpreter);
  if (interpreter !== undefined && problem === undefined) return interpreter;
  throw new SetupError(
    `SNAKEPIT_PYTHON must name a usable Python; ${program} ${problem}.`,
    `set SNAKEPIT_PYTHON to a CPython 3.${OLDEST_MINOR} or newer, or unset it.`,
  );
}

/** @param {Interpreter} interpreter */
export function isUsable(interpreter) {
  return problemWith(interpreter) === undefined;
}

/**
 * @param {readonly Interpreter[]} found
 * @returns {never}
 */
function fail(found) {
  const install = `install Python 3.${OLDEST_MINOR} or newer (Debian, Ubuntu: "apt install python3 python3-venv"; Fedora: "dnf install python3"; macOS: "brew install python"; others: https://www.python.org), or set SNAKEPIT_PYTHON to one.`;
  if (found.length === 0) throw new SetupError("found no Python on PATH.", install);
  const list = found.map((each) => `${each.program} ${problemWith(each)}`).join("; ");
  throw new SetupError(`found no usable Python (${list}).`, install);
}

/**
 * @param {Interpreter} interpreter
 * @returns {string | undefined} why it cannot be used
 */
function problemWith(interpreter) {
  if (interpreter.implementation !== "cpython") return `is ${interpreter.implementation}, not CPython`;
  if (interpreter.minor < OLDEST_MINOR) return `is ${interpreter.version}, older than 3.${OLDEST_MINOR}`;
  if (!interpreter.venv) return `has no module "venv"`;
  return undefined;
}

/**
 * Runs an interpreter to read its properties. Returns `undefined` if the program is missing, or is a version manager's
 * shim for a version that is not installed.
 * @param {string} program
 * @returns {Promise<Interpreter | undefined>}
 */
export async function probe(program) {
  try {
    const { status, stdout } = await runTool(program, ["-c", PROBE], { env: toolEnvironment() });
    return status === 0 ? JSON.parse(stdout) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {number} from
 * @param {number} to
 */
function range(from, to) {
  return Array.from({ length: from - to + 1 }, (_, index) => from - index);
}
