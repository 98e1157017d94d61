import { SnakepitError } from "@snakepit/core";
import { runTool } from "./run-tool.ts";

/** Properties of an interpreter and its environment. */
export interface PythonFacts {
  /** For example `3.12.1`. */
  readonly version: string;
  /** The directory of its installation or environment. */
  readonly prefix: string;
  /** Whether it belongs to an environment, in which packages can be installed without changes to the system. */
  readonly isEnvironment: boolean;
  readonly hasPip: boolean;
  /** Whether it can create environments with pip. */
  readonly hasEnsurepip: boolean;
}

const OLDEST = [3, 10] as const;

// Also runs on old versions, so that the error can name the version.
const SCRIPT = `
import json, os, sys
try:
    from importlib.util import find_spec
except ImportError:
    find_spec = lambda name: None
print(json.dumps({
    "version": "%d.%d.%d" % tuple(sys.version_info[:3]),
    "prefix": sys.prefix,
    "isEnvironment": sys.prefix != getattr(sys, "base_prefix", sys.prefix) or os.path.isdir(os.path.join(sys.prefix, "conda-meta")),
    "hasPip": find_spec("pip") is not None,
    "hasEnsurepip": find_spec("venv") is not None and find_spec("ensurepip") is not None,
}))
`;

/**
 * Runs an interpreter and returns its properties.
 *
 * @throws SnakepitError `WORKER_START_FAILED` when it is not Python, or older than 3.10.
 */
export async function pythonFacts(path: string): Promise<PythonFacts> {
  const { status, stdout, tail } = await runTool([path, "-c", SCRIPT]);
  const facts = status === 0 ? parsed(stdout) : undefined;
  if (facts === undefined) {
    throw new SnakepitError(
      "WORKER_START_FAILED",
      `${path} is not a working Python interpreter${tail === "" ? "" : `; its output:\n${tail}`}`,
    );
  }
  const [major = 0, minor = 0] = facts.version.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new SnakepitError(
      "WORKER_START_FAILED",
      `${path} must be Python ${OLDEST.join(".")} or newer; got Python ${facts.version}; name another interpreter with --python`,
    );
  }
  return facts;
}

function parsed(output: string): PythonFacts | undefined {
  try {
    return JSON.parse(output) as PythonFacts;
  } catch {
    // A program that is not Python printed something else.
    return undefined;
  }
}
