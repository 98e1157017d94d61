import { type Duration, isPlainObject, optionMs, optionSignal, rejectUnknownOptions } from "@snakepit/core";

/** What a worker knows about the thread safety of its adapter. */
export interface ThreadSafetyReport {
  readonly workerId: string;
  /** The pool option `threadSafety`; with `"off"`, warnings and tools are empty. */
  readonly mode: "off" | "warn" | "strict";
  /** The target of the pool. */
  readonly target: string;
  /** Whether all tools are declared as thread-safe, except those that are `async`. */
  readonly declared: boolean;
  readonly python: {
    readonly version: string;
    /** Whether the interpreter was built to run without its global lock. */
    readonly freeThreaded: boolean;
    readonly gilEnabled: boolean;
  };
  /** What is not declared as thread-safe. */
  readonly warnings: readonly {
    readonly kind: "undeclared" | "library" | "concurrent";
    /** The adapter, the library or the tool. */
    readonly subject: string;
    readonly message: string;
    /** The names of the threads that executed a tool at the same time. */
    readonly threads: readonly string[];
  }[];
  /** Known libraries that the worker has imported. */
  readonly libraries: readonly {
    readonly name: string;
    readonly safety: "safe" | "conditional" | "unsafe";
    /** Whether the adapter declares that two threads never use it at the same time. */
    readonly guarded: boolean;
    readonly notes: string;
    readonly workaround: string;
    /** Where the library documents it. */
    readonly source: string;
  }[];
  /** Locks that were acquired, those with the longest waits first. */
  readonly locks: readonly {
    readonly name: string;
    readonly acquired: number;
    /** How often a thread had to wait before it acquired the lock. */
    readonly waits: number;
    readonly waitSeconds: number;
    readonly longestWaitSeconds: number;
  }[];
  readonly tools: readonly {
    readonly tool: string;
    readonly declared: boolean;
    readonly isAsync: boolean;
    /** Calls that were executed. */
    readonly entered: number;
    /** The largest number of calls at the same time. */
    readonly concurrentMaximum: number;
    readonly rejected: number;
  }[];
  /** The calls of the worker; `null` with the mode `"off"`. */
  readonly requests: {
    readonly total: number;
    readonly active: number;
    readonly capacity: number;
    readonly busySeconds: number;
    /** The part of the capacity that was used since the start of the worker, from 0 to 1. */
    readonly utilization: number;
    /** By the name of the thread. */
    readonly byThread: Readonly<
      Record<string, { readonly total: number; readonly active: number; readonly busySeconds: number }>
    >;
  } | null;
  /** What to change, the most important first. */
  readonly recommendations: readonly string[];
}

/** Options of `threadSafety()`. */
export interface ThreadSafetyOptions {
  /** Longest wait for the workers, in milliseconds or as a string such as `"10s"`; by default 5 s. */
  readonly timeoutMs?: Duration | undefined;
  /** Cancels the wait. */
  readonly signal?: AbortSignal | undefined;
}

/** The tool of a worker that returns its report. */
export const THREAD_SAFETY_TOOL = "$thread_safety";

const TIMEOUT_MS = 5_000;

/**
 * Checks the options and returns the limits of the wait.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`.
 */
export function threadSafetyLimits(options: ThreadSafetyOptions): {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
} {
  rejectUnknownOptions("threadSafety", options, ["timeoutMs", "signal"]);
  return { timeoutMs: optionMs("timeoutMs", options.timeoutMs) ?? TIMEOUT_MS, signal: optionSignal(options.signal) };
}

/** Converts the answer of a worker, whose names are those of Python. */
export function threadSafetyReport(workerId: string, answer: unknown): ThreadSafetyReport {
  return { workerId, ...(inCamelCase(answer) as Omit<ThreadSafetyReport, "workerId">) };
}

function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(([name, each]) => {
    // The names of threads stay as they are.
    if (name === "by_thread" && isPlainObject(each)) return ["byThread", mapValues(each)];
    return [name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), inCamelCase(each)];
  });
  return Object.fromEntries(entries);
}

function mapValues(object: object): object {
  return Object.fromEntries(Object.entries(object).map(([name, each]) => [name, inCamelCase(each)]));
}
