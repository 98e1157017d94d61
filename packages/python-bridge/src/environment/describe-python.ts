import { type InterpreterChoice, runBridge } from "./run-bridge.ts";

/** The processors of a machine, and how many of them a process may use. */
export interface Processors {
  /** Processors of the machine, hyper-threads included. */
  readonly logical: number;
  /** Processors on which the scheduler may run the process. */
  readonly affinity: number;
  /** Processors whose time its control group may use, such as 1.5; `null` without a limit. */
  readonly quota: number | null;
  /** The smaller one of affinity and quota, rounded down, and at least 1. */
  readonly usable: number;
}

/** The memory of a machine, and how much of it a process may use. */
export interface Memory {
  readonly totalBytes: number | null;
  /** Memory that new processes can use without swapping, according to the system. */
  readonly availableBytes: number | null;
  /** The limit of the control group; `null` without a limit. */
  readonly limitBytes: number | null;
  /** The smaller one of total and limit. */
  readonly usableBytes: number | null;
}

/** A device for computations in addition to the processors: NVIDIA (CUDA), AMD (ROCm) or Apple (MPS). */
export interface Accelerator {
  readonly kind: "cuda" | "rocm" | "mps";
  readonly index: number;
  readonly name: string;
  /** Its memory; `null` if it is unknown, or if the device uses that of the machine. */
  readonly memoryBytes: number | null;
  /** The version of its driver. */
  readonly driver: string | null;
  readonly foundBy: "nvidia-smi" | "driver files" | "platform";
}

/** The accelerators, and what prevented that all were found. */
export interface Accelerators {
  readonly devices: readonly Accelerator[];
  /** Environment variables that hide devices from libraries, such as `CUDA_VISIBLE_DEVICES`. */
  readonly visible: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

/** What workers of an interpreter can use. */
export interface PythonEnvironment {
  readonly python: {
    readonly executable: string;
    readonly version: string;
    /** For example `CPython`. */
    readonly implementation: string;
    /** The directory of its installation or virtual environment. */
    readonly prefix: string;
    readonly isEnvironment: boolean;
    /** Whether it was built to run without the global interpreter lock. */
    readonly freeThreaded: boolean;
    /** Whether the lock is enabled now. */
    readonly gilEnabled: boolean;
    readonly platform: string;
    /** Where it was found, for example `the virtual environment /app/.venv`. */
    readonly chosenBy: string;
  };
  /** The profile for tools that compute. */
  readonly recommended: { readonly profile: "process" | "thread"; readonly reason: string };
  /** Python, the bridge package, and the packages that it requires. */
  readonly requirements: readonly {
    readonly name: string;
    /** The accepted versions, such as `>=0.20`; empty for any. */
    readonly required: string;
    readonly installed: string | null;
    readonly satisfied: boolean;
    readonly optional: boolean;
    /** The command that installs it; `null` if nothing has to be done. */
    readonly remedy: string | null;
  }[];
  readonly processors: Processors;
  readonly memory: Memory;
  readonly accelerators: Accelerators;
  /** The devices that libraries can use, according to them; only for those that were asked for. */
  readonly libraries: readonly {
    readonly library: string;
    readonly version: string | null;
    readonly kind: "cuda" | "rocm" | "mps" | null;
    readonly devices: number;
    readonly problem: string | null;
  }[];
}

/** Options of {@link describePython}. */
export interface DescribePythonOptions extends InterpreterChoice {
  /** Imports torch, if installed, and asks it for its devices, which takes seconds. Default: `false`. */
  readonly torch?: boolean;
}

/**
 * Runs an interpreter and resolves with what its workers can use: the build of Python, the required packages,
 * processors, memory and accelerators. No library is imported, unless `torch` is set.
 *
 * @throws SnakepitError `WORKER_START_FAILED` if no interpreter was found, or if it cannot run the bridge package, with
 *   the remedy; `INVALID_CONFIG` if the configured interpreter is invalid; `DEADLINE_EXCEEDED` after `timeoutMs`;
 *   `CANCELLED` if the signal aborts.
 */
export async function describePython(options: DescribePythonOptions = {}): Promise<PythonEnvironment> {
  const { interpreter, value } = await runBridge(["environment", ...(options.torch ? ["--torch"] : [])], options);
  const found = value as PythonEnvironment;
  return { ...found, python: { ...found.python, chosenBy: interpreter.chosenBy } };
}
