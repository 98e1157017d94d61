import { optionMs, optionSignal, rejectUnknownOptions, toSnakepitError } from "@snakepit/core";
import {
  type Accelerators,
  type DescribePythonOptions,
  describePython,
  type Memory,
  type Processors,
  type PythonEnvironment,
} from "@snakepit/python-bridge";
import { PACKAGE_VERSION } from "../package-version.ts";
import { hostMemory, hostProcessors } from "./host-machine.ts";

/** What the host and its Python workers can use. */
export interface Environment {
  readonly host: {
    /** The version of this package. */
    readonly snakepit: string;
    /** The version of Node.js. */
    readonly node: string;
    /** For example `linux-x64`. */
    readonly platform: string;
    readonly processors: Processors;
    readonly memory: Memory;
    readonly accelerators: Accelerators;
  };
  /** `null` if no interpreter was found, or if it cannot run the bridge package. */
  readonly python: PythonEnvironment | null;
  /** Why `python` is `null`, with the remedy. */
  readonly problem: string | null;
}

/**
 * Resolves with what the host and its Python workers can use: versions, processors, memory, accelerators, the build of
 * Python, and the packages that the bridge requires. A Python that cannot be described is a `problem`, not an error.
 *
 * @param interpreter the option `python` of `python()`, or more options; by default the interpreter that workers in the
 *   current directory would use.
 * @throws SnakepitError `CANCELLED` if the signal aborts; `INVALID_ARGUMENT` for invalid options.
 */
export async function describeEnvironment(interpreter: string | DescribePythonOptions = {}): Promise<Environment> {
  const options = typeof interpreter === "string" ? { python: interpreter } : interpreter;
  rejectUnknownOptions("describeEnvironment", options, ["python", "cwd", "env", "torch", "timeoutMs", "signal"]);
  optionMs("timeoutMs", options.timeoutMs);
  optionSignal(options.signal);
  // Lazy: it imports from Node.js what an old version lacks, which has to be reported with its own error.
  const { hostAccelerators } = await import("./host-accelerators.ts");
  const [processors, memory, accelerators, python] = await Promise.all([
    hostProcessors(),
    hostMemory(),
    hostAccelerators(options.env === undefined ? {} : { env: options.env }),
    pythonOrProblem(options),
  ]);
  const platform = `${process.platform}-${process.arch}`;
  const host = { snakepit: PACKAGE_VERSION, node: process.versions.node, platform, processors, memory, accelerators };
  return { host, ...python };
}

async function pythonOrProblem(options: DescribePythonOptions): Promise<Pick<Environment, "python" | "problem">> {
  try {
    return { python: await describePython(options), problem: null };
  } catch (thrown) {
    const error = toSnakepitError(thrown);
    if (error.code === "CANCELLED") throw error;
    return { python: null, problem: error.message };
  }
}
