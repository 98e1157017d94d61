import {
  type Instrumentation,
  type ResolvedToolSettings,
  type SnakepitError,
  sizeRange,
  type ToolDescriptor,
} from "@snakepit/core";
import type { Call, PoolWorker } from "../calls/call.ts";
import {
  cancelled,
  deadlineExceeded,
  notStarted,
  saturated,
  sessionWorkerBusy,
  unknownTool,
  wrongMethod,
} from "../calls/call-errors.ts";
import type { PoolOptions } from "../pool-options.ts";
import type { CrashBarrier } from "./crash-barrier.ts";
import { ExecutionTime, UNKNOWN_TIME } from "./prefetch.ts";
import type { WaitingCalls } from "./waiting-calls.ts";

interface Entry {
  tool: ToolDescriptor;
  /** The number of ready workers that offer the tool. */
  workers: number;
  readonly time: ExecutionTime;
}

/** The tools of the ready workers of a pool; while no worker is ready, those of the last ready workers. */
export class ToolDirectory {
  readonly #entries = new Map<string, Entry>();
  #lastKnown: readonly ToolDescriptor[] = [];
  /** The settings of the pool, by tool; they take precedence over those of the workers. */
  readonly #configured: ReadonlyMap<string, ResolvedToolSettings>;
  readonly #withSettings = new Map<string, ToolDescriptor>();
  /** The number of ready workers. */
  workers = 0;

  constructor(configured: Readonly<Record<string, ResolvedToolSettings>> = {}) {
    this.#configured = new Map(Object.entries(configured));
  }

  /** Whether the tools are known, because a worker is ready. */
  get known(): boolean {
    return this.workers > 0;
  }

  /**
   * The tools with settings, by name; `undefined` while no tool has any. A tool keeps its settings while no worker
   * is ready.
   */
  get settings(): ReadonlyMap<string, ToolDescriptor> | undefined {
    return this.#withSettings.size === 0 ? undefined : this.#withSettings;
  }

  add(tools: readonly ToolDescriptor[]): void {
    this.workers += 1;
    for (const described of tools) {
      const tool = configuredTool(described, this.#configured.get(described.name));
      if (hasSettings(tool)) this.#withSettings.set(tool.name, tool);
      else this.#withSettings.delete(tool.name);
      const entry = this.#entries.get(tool.name);
      if (entry === undefined) {
        this.#entries.set(tool.name, { tool, workers: 1, time: new ExecutionTime() });
      } else {
        entry.tool = tool;
        entry.workers += 1;
      }
    }
  }

  remove(tools: readonly ToolDescriptor[]): void {
    if (this.workers === 1) this.#lastKnown = this.list();
    this.workers -= 1;
    for (const { name } of tools) {
      const entry = this.#entries.get(name);
      if (entry === undefined) continue;
      entry.workers -= 1;
      if (entry.workers === 0) this.#entries.delete(name);
    }
  }

  /** Returns the expected execution time of a tool in milliseconds. */
  expectedMs(tool: string): number {
    return (this.#entries.get(tool)?.time ?? UNKNOWN_TIME).expectedMs;
  }

  /** Records a measured execution time of a tool in milliseconds. */
  executed(tool: string, executionMs: number): void {
    this.#entries.get(tool)?.time.record(executionMs);
  }

  list(): readonly ToolDescriptor[] {
    return this.workers === 0 ? this.#lastKnown : Array.from(this.#entries.values(), (entry) => entry.tool);
  }

  /**
   * Returns the error of a call for an unknown tool or with the wrong method; `undefined` while the tools are unknown.
   */
  whyRejected(call: Call): SnakepitError | undefined {
    const entry = this.#entries.get(call.tool);
    if (entry === undefined) return this.known ? unknownTool(call, [...this.#entries.keys()]) : undefined;
    return entry.tool.streaming === call.streaming ? undefined : wrongMethod(call, entry.tool);
  }
}

/** Returns a tool with the settings of the pool. */
function configuredTool(tool: ToolDescriptor, configured: ResolvedToolSettings | undefined): ToolDescriptor {
  if (configured === undefined) return tool;
  const set = Object.entries(configured).filter(([, value]) => value !== undefined);
  return { ...tool, ...Object.fromEntries(set) };
}

function hasSettings({ timeoutMs, idempotent = false, maxConcurrent }: ToolDescriptor): boolean {
  return timeoutMs !== undefined || idempotent || maxConcurrent !== undefined;
}

/** Returns the error of a call that no worker will complete. */
export type ErrorOfCall = (call: Call) => SnakepitError;

/** Returns the error of a call that the pool rejects; `undefined` if it accepts the call. */
export type Rejection = (call: Call) => SnakepitError | undefined;

/** Decides whether a call is accepted. */
export class Admission {
  /** Rejects calls; `undefined` while the pool accepts them. */
  rejection: Rejection | undefined = notStarted;
  /** The number of calls rejected because the queue was full. */
  saturated = 0;
  /** The maximum number of workers. */
  maxSize: number;
  readonly #options: PoolOptions;
  readonly #tools: ToolDirectory;
  readonly #barrier: CrashBarrier;
  readonly #instrumentation: Instrumentation | undefined;
  /** Whether the last call that had to wait was rejected. */
  #full = false;

  constructor(
    options: PoolOptions,
    tools: ToolDirectory,
    barrier: CrashBarrier,
    instrumentation: Instrumentation | undefined,
  ) {
    this.maxSize = sizeRange(options.size).max;
    this.#options = options;
    this.#tools = tools;
    this.#barrier = barrier;
    this.#instrumentation = instrumentation;
  }

  /** Returns the error of a call that is rejected even if a worker is free. */
  whyRejected(call: Call, now: number): SnakepitError | undefined {
    const rejected = this.rejection?.(call);
    if (rejected !== undefined) return rejected;
    if (call.signal?.aborted === true) return cancelled(call);
    if (now >= call.deadline) return deadlineExceeded(call);
    const unsuitable = this.#tools.whyRejected(call);
    if (unsuitable !== undefined || this.#barrier.size === 0) return unsuitable;
    return this.#barrier.whyRejected(call, now);
  }

  /**
   * Returns the error of a call that must not be queued.
   *
   * @param worker the only worker that may take the call; `undefined` for any worker.
   * @param queued the number of queued calls that count towards the limit.
   * @param available the number of workers that can take a call.
   */
  whyNotQueued(
    call: Call,
    worker: PoolWorker | undefined,
    queued: number,
    available: number,
  ): SnakepitError | undefined {
    if (worker !== undefined && call.affinity === "strict-fail") return sessionWorkerBusy(call, worker);
    const { name: pool, queueLimit } = this.#options;
    if (queued < queueLimit || call.batch !== undefined) {
      this.#full = false;
      return undefined;
    }
    this.saturated += 1;
    if (!this.#full) {
      const busy = this.#tools.workers - available;
      this.#instrumentation?.emit("pool.saturated", { pool, queued, limit: queueLimit, available, busy });
    }
    this.#full = true;
    return saturated(call, queueLimit);
  }

  /**
   * Whether a call of a batch may enter a queue. At most as many calls of batches are queued as the
   * pool has workers, so that other callers find room. A nested call always enters, because a deadlock outside of the
   * queue would not be detected.
   *
   * @param queued the number of queued calls that count towards the limit.
   */
  hasRoomFor(call: Call, waiting: WaitingCalls, queued: number): boolean {
    if (call.parent !== undefined) return true;
    const { queueLimit } = this.#options;
    return waiting.ofBatches < this.maxSize && queued < Math.max(1, queueLimit);
  }
}
