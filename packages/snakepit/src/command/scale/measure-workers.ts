import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { python } from "@snakepit/python-bridge";
import { Snakepit } from "../../snakepit.ts";
import { privateMemory } from "../system/system-limits.ts";

/** What workers need, as measured. */
export interface WorkerMeasurement {
  /** The number of workers that were started. */
  readonly workers: number;
  /** Memory that each does not share with the others, in bytes: their mean. `undefined` on macOS. */
  readonly memory: number | undefined;
  /** Threads of each: the maximum. `undefined` on macOS. */
  readonly threads: number | undefined;
  /** Open files of the host for each worker. */
  readonly files: number;
  /** Open files of the host without workers. */
  readonly hostFiles: number;
  /** Threads of the host and its zygote. */
  readonly hostThreads: number;
  /** Milliseconds until the first worker was ready: start of Python and import of the target included. */
  readonly firstReadyMs: number;
  /** Workers started per second after the first one; the registry records each before it starts. */
  readonly startedPerSecond: number;
}

export interface MeasurementOptions {
  readonly target: string;
  readonly python: string | undefined;
  readonly signal: AbortSignal;
  /** Called at the start of each step. */
  readonly onStep: (title: string) => void;
}

/** Enough for a mean, and started within a second without libraries. */
const MEASURED_WORKERS = 8;
const START_TIMEOUT_MS = 120_000;
/** For systems without /proc: the values on Linux. */
const UNKNOWN_HOST_FILES = 32;
const UNKNOWN_HOST_THREADS = 12;
const UNKNOWN_FILES = 3;

/** Returns the directory for temporary files; that of the system if `TMPDIR` does not exist, as for the sockets. */
function scratchBase(): string {
  return existsSync(tmpdir()) ? tmpdir() : "/tmp";
}

/**
 * Starts one worker and then some more, and measures what they need. Ends all of them. Nothing is written to the
 * registry of the user.
 *
 * @throws SnakepitError as `Snakepit.start()`; `CANCELLED` when the signal aborts.
 */
export async function measureWorkers(options: MeasurementOptions): Promise<WorkerMeasurement> {
  const { target, signal, onStep } = options;
  const scratch = mkdtempSync(join(scratchBase(), "snakepit-scale-"));
  try {
    onStep(`Starting the first worker with ${target}`);
    const startedAt = performance.now();
    const pit = await Snakepit.start(
      {
        worker: python(target, options.python === undefined ? {} : { python: options.python }),
        size: 1,
        startTimeoutMs: START_TIMEOUT_MS,
        registry: { path: join(scratch, "registry.db") },
        logger: { debug() {}, info() {}, warn() {}, error() {} },
      },
      { signal, waitForWorkers: "all" },
    );
    try {
      const firstReadyMs = performance.now() - startedAt;
      const oneFiles = count("/proc/self/fd");
      onStep(`Starting ${MEASURED_WORKERS - 1} more workers`);
      const growingAt = performance.now();
      await pit.pool().resize(MEASURED_WORKERS);
      await pit.ready({ signal });
      const startedPerSecond = ((MEASURED_WORKERS - 1) / (performance.now() - growingAt)) * 1_000;
      onStep("Measuring");
      const pids = pit.workers().map(({ pid }) => pid);
      const allFiles = count("/proc/self/fd");
      const files = oneFiles === undefined || allFiles === undefined ? undefined : filesOf(oneFiles, allFiles);
      const memory = pids.map(privateMemory).filter((each) => each !== undefined);
      const threads = pids.map((pid) => count(`/proc/${pid}/task`)).filter((each) => each !== undefined);
      return {
        workers: pids.length,
        memory: memory.length === 0 ? undefined : memory.reduce((total, each) => total + each, 0) / memory.length,
        threads: threads.length === 0 ? undefined : Math.max(...threads),
        files: files?.files ?? UNKNOWN_FILES,
        hostFiles: files?.hostFiles ?? UNKNOWN_HOST_FILES,
        hostThreads: (count("/proc/self/task") ?? UNKNOWN_HOST_THREADS) + 1,
        firstReadyMs,
        startedPerSecond,
      };
    } finally {
      await pit.close();
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function filesOf(oneFiles: number, allFiles: number) {
  const files = Math.max(1, Math.ceil((allFiles - oneFiles) / (MEASURED_WORKERS - 1)));
  return { files, hostFiles: Math.max(0, oneFiles - files) };
}

function count(directory: string): number | undefined {
  try {
    return readdirSync(directory).length;
  } catch {
    // macOS has no /proc.
    return undefined;
  }
}
