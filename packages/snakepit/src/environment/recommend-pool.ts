import { availableParallelism } from "node:os";
import { rejectUnknownOptions, SnakepitError } from "@snakepit/core";

/** What the tools of a pool do, and what they run on. */
export interface PoolWorkload {
  /** `"cpu"`: tools compute. `"io"`: tools wait for other systems. `"mixed"`: both. */
  readonly workload: "cpu" | "io" | "mixed";
  /** The build of Python, as in `describeEnvironment()`. Default: one with the global interpreter lock. */
  readonly python?: { readonly freeThreaded: boolean; readonly gilEnabled: boolean } | undefined;
  /** Processors that the pool may use. Default: those that this process may use. */
  readonly cores?: number;
  /** Whether the tools that wait are `async`. Default: `true` for `"io"`, otherwise `false`. */
  readonly asyncTools?: boolean;
  /** Whether several threads may execute the tools at the same time. Default: `true`. */
  readonly threadSafe?: boolean;
  /** Memory that all workers may use together, in megabytes. By default, memory does not limit the size. */
  readonly memoryMb?: number;
  /** Memory of one worker, in megabytes. Required with `memoryMb`. */
  readonly workerMemoryMb?: number;
}

/** Options of a pool, with the reasons for them. */
export interface PoolRecommendation {
  readonly profile: "process" | "thread" | "async";
  /** Number of workers. */
  readonly size: number;
  /** Calls that one worker executes at the same time. */
  readonly capacity: number;
  /** Threads of numeric libraries for one operation. */
  readonly libraryThreads: number;
  readonly reasons: readonly string[];
}

const OPTIONS = [
  "workload",
  "python",
  "cores",
  "asyncTools",
  "threadSafe",
  "memoryMb",
  "workerMemoryMb",
] as const satisfies readonly (keyof PoolWorkload)[];
const WORKLOADS = ["cpu", "io", "mixed"] as const;
/** The default capacities of the profiles. */
const CAPACITY = { process: 1, thread: 16, async: 512 } as const;

/**
 * Returns options for a pool, to start from before you measure with your own tools. The figures in the reasons are
 * those of `docs/performance.md`.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` if an option is invalid.
 *
 * @example
 * const { python } = await describeEnvironment();
 * const { reasons, ...options } = recommendPool({ workload: "cpu", python: python?.python });
 */
export function recommendPool(tools: PoolWorkload): PoolRecommendation {
  rejectUnknownOptions("recommendPool", tools, OPTIONS);
  const { workload, threadSafe = true } = tools;
  if (!WORKLOADS.includes(workload)) {
    throw invalid("workload", `${WORKLOADS.map((each) => `"${each}"`).join(", ")}`, workload);
  }
  flag("asyncTools", tools.asyncTools);
  flag("threadSafe", tools.threadSafe);
  checkPython(tools.python);
  const cores = count("cores", tools.cores) ?? availableParallelism();
  const reasons: string[] = [];
  const { profile, size, capacity } = execution({ ...tools, threadSafe }, cores, reasons);
  const limited = withinMemory(tools, size, reasons);
  const computing = Math.min(limited * (profile === "process" ? 1 : threadsThatCompute(tools, capacity)), cores);
  const libraryThreads = Math.max(1, Math.floor(cores / computing));
  reasons.push(
    libraryThreads === 1
      ? "libraryThreads 1: the calls already use all cores, and more threads would compete for them"
      : `libraryThreads ${libraryThreads}: only ${computing} of ${cores} cores are used by calls`,
  );
  return { profile, size: limited, capacity, libraryThreads, reasons };
}

type Execution = Pick<PoolRecommendation, "profile" | "size" | "capacity">;

function execution(tools: PoolWorkload & { threadSafe: boolean }, cores: number, reasons: string[]): Execution {
  const { workload, threadSafe, python, asyncTools = workload === "io" } = tools;
  const runsWithoutLock = isWithoutLock(python);
  if (workload === "cpu") {
    if (runsWithoutLock && threadSafe) {
      reasons.push(
        "profile thread: this Python has no global interpreter lock, so the threads of one worker use all cores (two calls used 1.95 cores) and share their memory",
        `capacity ${cores}: one call for each core`,
      );
      return { profile: "thread", size: 1, capacity: cores };
    }
    reasons.push(
      runsWithoutLock
        ? "profile process: the tools are not thread-safe"
        : "profile process: with the global interpreter lock, threads and tasks that compute are as fast as one call at a time (1.00 and 1.01 times), and a crash costs one call",
      `size ${cores}: one worker for each core`,
    );
    return { profile: "process", size: cores, capacity: CAPACITY.process };
  }
  if (asyncTools) {
    const size = workload === "io" ? 1 : cores;
    reasons.push(
      `profile async: the tools are async, and one event loop executes many calls that wait (${workload === "io" ? "25.3" : "7.5"} times as many as process, with 64 calls for two workers)`,
      size === 1
        ? "size 1: calls that wait need no more than one core"
        : `size ${size}: each event loop computes on one core`,
    );
    return { profile: "async", size, capacity: CAPACITY.async };
  }
  if (!threadSafe) {
    reasons.push(
      "profile process: the tools are neither async nor thread-safe",
      `size ${2 * cores}: two workers for each core, because each waits for a part of its time; more if calls wait for long`,
    );
    return { profile: "process", size: 2 * cores, capacity: CAPACITY.process };
  }
  const size = workload === "io" || runsWithoutLock ? 1 : cores;
  reasons.push(
    `profile thread: threads execute calls while others wait (${workload === "io" ? "22.6" : "7.1"} times as many as process, with 64 calls for two workers)`,
    size === 1
      ? `size 1: ${runsWithoutLock ? "the threads of one worker use all cores" : "calls that wait need no more than one core"}`
      : `size ${size}: with the global interpreter lock, the threads of a worker compute on one core`,
  );
  return { profile: "thread", size, capacity: Math.max(CAPACITY.thread, runsWithoutLock ? cores : 0) };
}

/** Returns how many threads of one worker compute at the same time. */
function threadsThatCompute({ python }: PoolWorkload, capacity: number): number {
  return isWithoutLock(python) ? capacity : 1;
}

function isWithoutLock(python: PoolWorkload["python"]): boolean {
  return python?.freeThreaded === true && !python.gilEnabled;
}

function withinMemory(tools: PoolWorkload, size: number, reasons: string[]): number {
  const total = count("memoryMb", tools.memoryMb);
  const each = count("workerMemoryMb", tools.workerMemoryMb);
  if (total === undefined) return size;
  if (each === undefined) throw invalid("workerMemoryMb", "set together with memoryMb", undefined);
  const most = Math.max(1, Math.floor(total / each));
  if (each > total) {
    reasons.push(`size 1: a worker needs ${each} MB, more than the ${total} MB of all workers together`);
    return most;
  }
  if (most >= size) return size;
  reasons.push(`size ${most}: ${total} MB are enough for ${most} workers of ${each} MB`);
  return most;
}

function count(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= 1)) return value;
  throw invalid(name, "an integer of at least 1", value);
}

function flag(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "boolean") throw invalid(name, "true or false", value);
}

function checkPython(python: unknown): void {
  if (python === undefined || python === null) return;
  const { freeThreaded, gilEnabled } = python as Partial<NonNullable<PoolWorkload["python"]>>;
  if (typeof freeThreaded === "boolean" && typeof gilEnabled === "boolean") return;
  throw invalid("python", "{ freeThreaded, gilEnabled }, as in describeEnvironment()", python);
}

function invalid(name: string, rule: string, value: unknown): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `${name} must be ${rule}; got ${JSON.stringify(value) ?? "undefined"}`);
}
