import {
  type PoolSize,
  type ResolvedPoolConfig,
  remainingMs,
  startTimer,
  type ToolDescriptor,
  watchAbort,
} from "@snakepit/core";
import type { Affinity, PoolCall, PoolStats, WorkerInfo, WorkerPool } from "@snakepit/pool";
import type { HostToolRegistry } from "@snakepit/sessions";
import type { CallGuard } from "../resilience/call-guard.ts";
import type { PoolExecutor } from "../resilience/fallback.ts";
import type { CallOptions, StreamOptions, ToolArguments } from "./call-options.ts";
import { mapBatch } from "./map/map-batch.ts";
import type { MapOptions } from "./map/map-options.ts";
import { MapResults } from "./map/map-results.ts";
import { batchCall, type CallLimits, checkStreamOptions, poolCall } from "./pool-call.ts";
import {
  THREAD_SAFETY_TOOL,
  type ThreadSafetyOptions,
  type ThreadSafetyReport,
  threadSafetyLimits,
  threadSafetyReport,
} from "./thread-safety-report.ts";
import {
  checkResizeArguments,
  checkWorkerArguments,
  type DrainOptions,
  type RecycleOptions,
  type ResizeOptions,
} from "./worker-changes.ts";

/** The chunks of a streaming call, to be read with `for await`. Leaving the loop early cancels the call. */
export interface ChunkStream<Chunk> extends AsyncIterableIterator<Chunk, undefined>, AsyncDisposable {}

/** Admits calls to sessions. */
export interface SessionGate {
  /**
   * Records a use of the session, which must have this generation if one is specified. Returns a promise when the store
   * has to be read first.
   */
  use(sessionId: string, generation?: number): Promise<void> | undefined;
  /** Returns the generation of the session that was used. */
  generationOf(sessionId: string): number;
}

/** The parts of a host that its pools use. */
export interface PoolHost {
  readonly sessions: SessionGate;
  readonly hostTools: HostToolRegistry;
  readonly maxPayloadBytes: number;
  /** Retries the calls of this pool. */
  readonly guard: CallGuard;
  /** Receives the executor of this pool, for calls of other pools that fall back on it. */
  readonly executors: Map<string, PoolExecutor>;
}

/** One pool of a host, as `pit.pool(name)` returns it. */
export class PoolClient {
  readonly name: string;
  readonly #pool: WorkerPool;
  readonly #guard: CallGuard;
  readonly #limits: CallLimits;
  readonly #affinity: Affinity;
  readonly #executeTimeoutMs: number;
  readonly #streamTimeoutMs: number;
  readonly #sessions: SessionGate;

  /** Created by the host. */
  constructor(pool: WorkerPool, config: ResolvedPoolConfig, host: PoolHost) {
    const { sessions, hostTools, maxPayloadBytes } = host;
    this.name = pool.name;
    this.#sessions = sessions;
    this.#guard = host.guard;
    this.#pool = pool;
    this.#limits = { pool: pool.name, maxPayloadBytes, hostTools, tools: () => pool.tools() };
    this.#affinity = config.affinity;
    this.#executeTimeoutMs = config.executeTimeoutMs;
    this.#streamTimeoutMs = config.streamTimeoutMs;
    host.executors.set(pool.name, (call, args, idempotent) =>
      this.#guarded(call, args, { idempotent }, this.#pool.toolSettings?.get(call.tool)),
    );
  }

  /**
   * Runs a tool and resolves with its value; see {@link Snakepit.execute}.
   *
   * Not an async function: it returns the promise of the pool, without another promise for each call.
   */
  execute<Value = unknown>(tool: string, args?: ToolArguments, options?: CallOptions): Promise<Value> {
    try {
      const settings = this.#pool.toolSettings?.get(tool);
      const call = poolCall(tool, args, options, settings?.timeoutMs ?? this.#executeTimeoutMs, this.#limits);
      return this.#guarded(call, args, options, settings) as Promise<Value>;
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  /** Runs a streaming tool and returns its chunks; see {@link Snakepit.stream}. */
  stream<Chunk = unknown>(tool: string, args?: ToolArguments, options?: StreamOptions): ChunkStream<Chunk> {
    if (options !== undefined) checkStreamOptions(options, this.#limits);
    const timeoutMs = this.#pool.toolSettings?.get(tool)?.timeoutMs ?? this.#streamTimeoutMs;
    const call = poolCall(tool, args, options, timeoutMs, this.#limits);
    const { sessionId } = call;
    if (sessionId === undefined) return this.#guard.stream(this.#pool.stream(call), call) as ChunkStream<Chunk>;
    const prepare = async () => {
      const admission = this.#sessions.use(sessionId, call.sessionGeneration);
      if (admission !== undefined) await admitted(admission, call);
      return this.#inSession(sessionId, call);
    };
    return this.#guard.stream(this.#pool.stream(prepare), call) as ChunkStream<Chunk>;
  }

  /** Runs a tool once for each item; see {@link Snakepit.map}. */
  map<Value = unknown, Item = unknown>(
    tool: string,
    items: Iterable<Item> | AsyncIterable<Item>,
    options: MapOptions<Item> = {},
  ): MapResults<Value> {
    return new MapResults<Value>(() => {
      const batch = mapBatch(tool, items, options, this.tools());
      const { callOptions, plan } = batch;
      // Reports a mistake that all calls share before the first item is read.
      this.#batchCall(tool, {}, callOptions);
      this.#guard.termsOf(callOptions, undefined);
      const task = {
        tool,
        source: batch.source,
        total: batch.total,
        concurrency: this.#concurrency(callOptions, plan.concurrency),
        call: async (item: unknown, index: number, signal: AbortSignal) => {
          const args = batch.toArgs(item, index);
          // Encoded before the next item is read, since the source may reuse the object.
          const given = args instanceof Promise ? await args : args;
          const call = this.#batchCall(tool, given, { ...callOptions, signal });
          return await this.#guarded(call, given, callOptions, this.#pool.toolSettings?.get(tool));
        },
      };
      return { task, plan };
    });
  }

  /**
   * Replaces a worker; see {@link Snakepit.recycle}.
   *
   * @returns the ID of the replacement, after the old worker has exited.
   * @throws SnakepitError `INVALID_ARGUMENT` when the pool has no such worker, the cause when no replacement could be
   *   started (the old worker then stays in service), `CANCELLED`, `SHUTTING_DOWN`.
   */
  async recycle(workerId: string, options: RecycleOptions = {}): Promise<string> {
    return await this.#pool.recycle(workerId, checkWorkerArguments("recycle", workerId, options));
  }

  /** Takes a worker of this pool out of service; see {@link Snakepit.drain}. */
  async drain(workerId: string, options: DrainOptions = {}): Promise<void> {
    await this.#pool.drain(workerId, checkWorkerArguments("drain", workerId, options));
  }

  /**
   * Changes the number of workers. With `{ min, max }`, the pool adds workers when calls wait and removes those that
   * are idle, within these limits. Surplus workers finish their calls before they end; those with the fewest calls are
   * removed first.
   *
   * @param size number of workers, or its limits.
   * @returns a promise that resolves when the new workers are ready and the surplus ones have exited.
   * @throws SnakepitError as a rejection: the cause when a worker could not be started (the pool continues to try),
   *   `CANCELLED`, `SHUTTING_DOWN`, `INVALID_ARGUMENT`.
   * @example
   * await pit.pool("ml").resize(8);
   */
  async resize(size: PoolSize, options: ResizeOptions = {}): Promise<void> {
    await this.#pool.resize(size, checkResizeArguments(size, options));
  }

  /** Replaces the workers of this pool by workers that run the present code; see {@link Snakepit.reload}. */
  async reload(): Promise<void> {
    await this.#pool.reload();
  }

  /**
   * Returns what each worker knows about the thread safety of its adapter: warnings, libraries, locks, and calls by
   * thread. Only for workers that execute several calls at the same time; empty with `profile: "process"`. Workers
   * answer also while they execute calls.
   *
   * @throws SnakepitError as a rejection: `DEADLINE_EXCEEDED` when a worker does not answer within `timeoutMs`,
   *   `CANCELLED`, `SHUTTING_DOWN`, `INVALID_ARGUMENT`.
   * @example
   * const [report] = await pit.pool("ml").threadSafety();
   * console.log(report?.recommendations);
   */
  async threadSafety(options: ThreadSafetyOptions = {}): Promise<ThreadSafetyReport[]> {
    const answers = await this.#pool.inspect(THREAD_SAFETY_TOOL, threadSafetyLimits(options));
    return Array.from(answers, ([workerId, answer]) => threadSafetyReport(workerId, answer));
  }

  /**
   * Executes a call with what it requires in addition.
   *
   * @param settings the tool, if it has settings.
   */
  #guarded(
    call: PoolCall,
    args: ToolArguments | undefined,
    options: CallOptions | undefined,
    settings: ToolDescriptor | undefined,
  ): Promise<unknown> {
    if (options === undefined && settings === undefined && !this.#guard.isAlwaysUsed) return this.#run(call);
    const terms = this.#guard.termsOf(options, settings);
    if (terms === undefined) return this.#run(call);
    return this.#guard.execute(call, args ?? {}, terms, (attempt) => this.#run(attempt));
  }

  #run(call: PoolCall): Promise<unknown> {
    const { sessionId } = call;
    if (sessionId === undefined) return this.#pool.execute(call);
    const admission = this.#sessions.use(sessionId, call.sessionGeneration);
    if (admission !== undefined) return this.#executeAfter(admission, sessionId, call);
    return this.#pool.execute(this.#inSession(sessionId, call));
  }

  #batchCall(tool: string, args: ToolArguments, options: CallOptions): PoolCall {
    const timeoutMs = this.#pool.toolSettings?.get(tool)?.timeoutMs ?? this.#executeTimeoutMs;
    return batchCall(tool, args, options, timeoutMs, this.#limits);
  }

  /** Returns the number of calls of a batch that may be active at a time. */
  #concurrency({ sessionId, affinity = this.#affinity }: CallOptions, requested: number | undefined): number {
    // In a session with a strict affinity, further calls would fail or wait for the same worker.
    if (sessionId !== undefined && affinity !== "hint") return 1;
    const capacity = this.workers().reduce((sum, worker) => sum + worker.capacity, 0);
    return requested ?? Math.max(this.#pool.maxSize, capacity);
  }

  async #executeAfter(admission: Promise<void>, sessionId: string, call: PoolCall): Promise<unknown> {
    await admitted(admission, call);
    return await this.#pool.execute(this.#inSession(sessionId, call));
  }

  /** Returns the call, bound to the current generation of the session. */
  #inSession(sessionId: string, call: PoolCall): PoolCall {
    return { ...call, sessionGeneration: this.#sessions.generationOf(sessionId) };
  }

  /** Returns the tools of the pool. */
  tools(): readonly ToolDescriptor[] {
    return this.#pool.tools();
  }

  /** Returns the current statistics of the pool. */
  stats(): PoolStats {
    return this.#pool.stats();
  }

  /** Returns the current workers of the pool. */
  workers(): WorkerInfo[] {
    return this.#pool.workers();
  }
}

/**
 * Waits until the session admits a call, but no longer than the caller. After the deadline or an abort the promise
 * resolves, and the pool rejects the call with the matching error.
 *
 * @throws SnakepitError the reason of a rejected admission.
 */
function admitted(admission: Promise<void>, { signal, deadline }: PoolCall): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settled = () => {
      unwatch?.();
      clearTimeout(timer);
    };
    const done = () => {
      settled();
      resolve();
    };
    const unwatch = signal && watchAbort(signal, done);
    // Timers may fire a little early; the pool must see that the deadline has passed.
    const timer = deadline === Number.POSITIVE_INFINITY ? undefined : startTimer(done, remainingMs(deadline) + 2);
    admission.then(done, (thrown: unknown) => {
      settled();
      reject(thrown);
    });
  });
}
