import { runTool } from "../setup/run-tool.ts";

/** What an interpreter reports about itself. */
export interface PythonBuild {
  readonly version: readonly [major: number, minor: number, patch: number];
  /** For example `CPython` or `PyPy`. */
  readonly implementation: string;
  /** Whether the build supports running without the global interpreter lock. */
  readonly isFreeThreaded: boolean;
  /** Whether the lock is enabled in this process. */
  readonly hasGil: boolean;
  /** The directory of the installation or environment. */
  readonly prefix: string;
  /** Whether it belongs to an environment, in which packages can be installed without changes to the system. */
  readonly isEnvironment: boolean;
  readonly bridge: BridgeState;
}

/** Whether the package snakepit-bridge can be imported. */
export type BridgeState =
  | { readonly is: "missing" }
  | { readonly is: "broken"; readonly problem: string }
  | { readonly is: "installed"; readonly version: string; readonly protocol: number; readonly file: string };

/** Starting Python and importing the bridge takes less than a second, unless the machine is overloaded. */
const TIMEOUT_MS = 60_000;
const MARK = "snakepit-doctor:";

// Also runs on Python 2.7, so that its version can be reported. `-c` puts the working directory on the module path.
const SCRIPT = `
import sys
sys.path[:1] = [each for each in sys.path[:1] if each != ""]
import json, os, platform
try:
    import sysconfig
    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
except ImportError:
    free_threaded = False
bridge = {"is": "missing"}
try:
    import snakepit_bridge
    from snakepit_bridge import PROTOCOL_VERSION, __version__
    bridge = {"is": "installed", "version": __version__, "protocol": PROTOCOL_VERSION, "file": os.path.dirname(snakepit_bridge.__file__)}
    import snakepit_bridge.__main__
except BaseException:
    kind, error = sys.exc_info()[:2]
    if not (issubclass(kind, ImportError) and getattr(error, "name", None) == "snakepit_bridge"):
        bridge = {"is": "broken", "problem": "%s: %s" % (kind.__name__, error)}
print("${MARK}" + json.dumps({
    "version": list(sys.version_info[:3]),
    "implementation": platform.python_implementation(),
    "isFreeThreaded": free_threaded,
    "hasGil": getattr(sys, "_is_gil_enabled", lambda: True)(),
    "prefix": sys.prefix,
    "isEnvironment": sys.prefix != getattr(sys, "base_prefix", sys.prefix) or os.path.isdir(os.path.join(sys.prefix, "conda-meta")),
    "bridge": bridge,
}))
`;

/** The output of an interpreter that reported nothing. */
export interface NotPython {
  readonly status: number | undefined;
  readonly output: string;
}

/** Runs an interpreter and returns its properties, or its output if it reported none. Never rejects. */
export async function probePython(
  interpreter: string,
  env: NodeJS.ProcessEnv,
  cwd: string,
  signal: AbortSignal,
): Promise<PythonBuild | NotPython> {
  const end = await runTool([interpreter, "-c", SCRIPT], { env, cwd, timeoutMs: TIMEOUT_MS, signal });
  const line = end.stdout.split("\n").find((each) => each.startsWith(MARK));
  if (line === undefined) return { status: end.status, output: end.tail === "" ? end.stdout : end.tail };
  return JSON.parse(line.slice(MARK.length)) as PythonBuild;
}
