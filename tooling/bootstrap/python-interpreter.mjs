import { toolEnvironment } from "./environment.mjs";
import { SetupError } from "./setup-error.mjs";
import { runTool } from "./tool-process.mjs";

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
 * @property {boolean} venv whether it can make virtual environments
 * @property {boolean} ensurepip whether it can put pip into them (Debian leaves both to a package of their own)
 */

/**
 * The first Python on PATH that will do, preferring one that needs no help to get pip.
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
 * The Python that SNAKEPIT_PYTHON names.
 * @returns {Promise<Interpreter | undefined>} undefined when it names none
 */
export async function wantedPython() {
  const program = process.env["SNAKEPIT_PYTHON"];
  if (program === undefined || program === "") return undefined;
  const interpreter = await probe(program);
  const problem = interpreter === undefined ? "it cannot be run" : problemWith(interpreter);
  if (interpreter !== undefined && problem === undefined) return interpreter;
  throw new SetupError(
    `SNAKEPIT_PYTHON names ${program}, but ${problem}.`,
    `let SNAKEPIT_PYTHON name a CPython 3.${OLDEST_MINOR} or newer, or unset it.`,
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
  const install = `install Python 3.${OLDEST_MINOR} or newer (Debian, Ubuntu: "apt install python3 python3-venv"; Fedora: "dnf install python3"; macOS: "brew install python"; others: https://www.python.org), or let SNAKEPIT_PYTHON name one.`;
  if (found.length === 0) throw new SetupError("no Python was found on PATH.", install);
  const list = found.map((each) => `${each.program}: ${problemWith(each)}`).join("; ");
  throw new SetupError(`no Python that will do was found (${list}).`, install);
}

/**
 * @param {Interpreter} interpreter
 * @returns {string | undefined} why it cannot be used
 */
function problemWith(interpreter) {
  if (interpreter.implementation !== "cpython") return `it is ${interpreter.implementation}, not CPython`;
  if (interpreter.minor < OLDEST_MINOR) return `it is ${interpreter.version}, older than 3.${OLDEST_MINOR}`;
  if (!interpreter.venv) return `it has no module "venv"`;
  return undefined;
}

/**
 * Asks an interpreter what it is. A name that is not there, or a version manager's shim for a version that is not
 * installed, is no interpreter.
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
