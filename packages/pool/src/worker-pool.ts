import {
  type CollectedStacks,
  type Instrumentation,
  noInstrumentation,
  type PoolDebugState,
  type PoolSize,
  type SnakepitError,
  type StacksOptions,
  type ToolDescriptor,
  type Unsubscribe,
  type WorkerHandle,
  type WorkerLauncher,
} from "@snakepit/core";
import { UnaryCall } from "./calls/call.ts";
import type { RecycleOptions } from "./lifecycle/recycler.ts";
import type { PoolCall } from "./pool-call.ts";
import { debugPool, observePool, type PoolObservation, readWorkerStacks } from "./pool-observation.ts";
import type { PoolOccupancy, QueuedListener } from "./pool-occupancy.ts";
import { type PoolOptions, poolOptions, type WorkerPoolOptions } from "./pool-options.ts";
import type { PoolStats, WorkerInfo } from "./pool-stats.ts";
import { Scheduler } from "./scheduling/scheduler.ts";
import { type StreamRequest, ToolStream } from "./streams/tool-stream.ts";
import { type InspectionLimits, inspectWorker } from "./supervision/inspection.ts";
import { Supervisor } from "./supervision/supervisor.ts";

/** An async iterator of chunks for `for await`. Leaving the loop or disposing it cancels the call. */
export interface PoolStream extends AsyncIterableIterator<unknown, unknown>, AsyncDisposable {
  return(value?: unknown): Promise<IteratorResult<unknown, unknown>>;
  throw(thrown?: unknown): Promise<IteratorResult<unknown, unknown>>;
}

/**
 * A supervised pool of workers with a bounded queue. It accesses workers only through their launcher and shares nothing
 * with other pools.
 *
 * @example
 * await using pool = new WorkerPool(options, launcher);
 * pool.start();
 * await pool.ready();
 * await pool.execute({ tool: "add", args: encodeValue({ a: 1, b: 2 }), deadline: deadlineIn(1_000), correlationId:
 * newCorrelationId() });
 */
export class WorkerPool implements AsyncDisposable {
  readonly name: string;
  readonly #options: PoolOptions;
  readonly #scheduler: Scheduler;
  readonly #supervisor: Supervisor;

  /**
   * @param given the name and the limits of the pool.
   * @param launcher starts the workers; the pool closes it.
   * @param instrumentation receives the events of calls, workers and the pool's state. Default: none, at no cost.
   */
  constructor(
    given: WorkerPoolOptions,
    launcher: WorkerLauncher,
    instrumentation: Instrumentation = noInstrumentation,
  ) {
    const options = poolOptions(given);
    this.name = options.name;
    this.#options = options;
    this.#scheduler = new Scheduler(options, instrumentation, () => this.#supervisor.callWaits());
    this.#supervisor = new Supervisor(options, launcher, this.#scheduler, instrumentation);
  }

  /** Starts the configured number of workers and keeps them running. Can be called twice. */
  start(): void {
    this.#supervisor.start();
  }

  /**
   * Resolves when the configured number of workers is ready.
   *
   * @param options.timeoutMs the maximum wait in milliseconds. Default: until the pool slows down its attempts.
   * @throws SnakepitError the start error (`WORKER_START_FAILED`, `PROTOCOL_MISMATCH`, …) if the pool cannot start a
   *   worker, `POOL_NOT_READY` after `timeoutMs` or before `start()`, `CANCELLED` by the signal, `SHUTTING_DOWN` if the
   *   pool closes.
   */
  ready(
    options: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    return this.#supervisor.ready(options.timeoutMs, options.signal);
  }

  /**
   * Runs a tool on the worker of its session ({@link PoolCall.affinity}) or on the least loaded worker, or queues the
   * call if that worker is busy.
   *
   * @throws SnakepitError `UNKNOWN_TOOL`, `INVALID_ARGUMENT` (the tool streams), `POOL_SATURATED`,
   *   `SESSION_WORKER_UNAVAILABLE`, `POOL_NOT_READY` or the start error, `SHUTTING_DOWN`, `QUEUE_TIMEOUT`,
   *   `DEADLINE_EXCEEDED`, `CANCELLED`, `WORKER_CRASHED`, `WORKER_HUNG`, `POISON_CALL`, and errors of the worker, such
   *   as `PYTHON_EXCEPTION`.
   */
  execute(call: PoolCall): Promise<unknown> {
    return new Promise((settle) => this.#scheduler.admit(new UnaryCall(this.#scheduler, call, settle)));
  }

  /**
   * Runs a streaming tool. The call starts when the first chunk is requested; the worker runs ahead of the consumer by
   * a bounded window. Fails like {@link execute}, after the chunks that came before the failure; after an abort or a
   * deadline the error is delivered at once.
   *
   * @param call the call, or a function that prepares it at the first `next()`; an error of this function ends the
   *   stream.
   */
  stream(call: StreamRequest): PoolStream {
    return new ToolStream(this.#scheduler, call).chunks;
  }

  /** The maximum number of workers: that of an elastic pool, or the number of a fixed one. */
  get maxSize(): number {
    return this.#scheduler.admission.maxSize;
  }

  /** Returns the current statistics of the pool. */
  stats(): PoolStats {
    const { queued, available, requests, errors, queueTimeouts, admission } = this.#scheduler;
    const { saturated } = admission;
    const { state, roster } = this.#supervisor;
    const { lifecycle, crashed } = this.#supervisor;
    const { recycled } = lifecycle.recycler;
    const calls = { available, queued, requests, errors, queueTimeouts, saturated };
    return { state, ...roster.counts(), ...calls, recycled, crashed };
  }

  /** Returns the running workers, oldest slot first. */
  workers(): WorkerInfo[] {
    return this.#supervisor.roster.workers();
  }

  /**
   * Replaces a worker. The replacement is started first; once it is ready, the old worker receives no further calls,
   * its sessions are no longer bound to it, its calls finish, and it is stopped. No call fails unless `graceMs` is too
   * short. If the old worker dies first, the replacement still takes its place.
   *
   * @returns the ID of the new worker, once the old one has exited. Concurrent requests for one worker are joined, and
   *   the shortest `graceMs` applies.
   * @throws SnakepitError as a rejection: `INVALID_ARGUMENT` for an unknown worker, the start error of the replacement
   *   (the old worker continues), `CANCELLED` by the signal, `SHUTTING_DOWN`.
   */
  async recycle(workerId: string, options: RecycleOptions = {}): Promise<string> {
    this.#supervisor.throwIfClosed();
    return await this.#supervisor.lifecycle.recycle(workerId, options);
  }

  /**
   * Takes a worker out of service: it receives no further calls, its sessions are no longer bound to it, its calls
   * finish, and it is stopped. Then the pool starts another worker in its place.
   *
   * @returns a promise that resolves when the worker has exited.
   * @throws SnakepitError as a rejection: `INVALID_ARGUMENT` for an unknown worker, `CANCELLED` by the signal, which
   *   ends only the wait, `SHUTTING_DOWN`.
   */
  async drain(workerId: string, options: RecycleOptions = {}): Promise<void> {
    this.#supervisor.throwIfClosed();
    await this.#supervisor.lifecycle.drain(workerId, options);
  }

  /**
   * Changes the number of workers, or its limits. Surplus workers finish their calls before they are stopped: those
   * with the fewest calls first.
   *
   * @param options.graceMs milliseconds that the calls of surplus workers may continue. Default: the pool's
   *   `recycle.graceMs`.
   * @returns a promise that resolves when all workers of the new size are ready and surplus workers have exited.
   * @throws SnakepitError as a rejection: the start error of a new worker, `CANCELLED` by the signal, which ends only
   *   the wait, `SHUTTING_DOWN`.
   */
  async resize(size: PoolSize, options: RecycleOptions = {}): Promise<void> {
    const { graceMs = this.#options.recycle.graceMs, signal } = options;
    this.#supervisor.throwIfClosed();
    await Promise.all([this.#supervisor.lifecycle.resize(size, graceMs), this.#supervisor.ready(undefined, signal)]);
  }

  /**
   * Replaces all workers by workers that run the present code of the target. The code is loaded first, and one worker
   * is replaced before the others: if that fails, the pool continues with the code that it has. No call fails. While a
   * reload is running, one more follows, which all further callers share.
   *
   * @returns a promise that resolves when all workers run the new code, and the others have exited.
   * @throws SnakepitError as a rejection: the start error of the new code, `SHUTTING_DOWN`.
   */
  async reload(): Promise<void> {
    this.#supervisor.throwIfClosed();
    await this.#supervisor.lifecycle.reloader.reload();
  }

  /**
   * Returns the ID of the worker that received the last call of a session; `undefined` if the session has had no call
   * or has ended, or the worker accepts no further calls.
   */
  lastWorkerOf(sessionId: string): string | undefined {
    return this.#scheduler.sessions.lastWorker(sessionId)?.handle.workerId;
  }

  /**
   * Returns when a worker of this pool received the last call of a session, on the monotonic clock; `undefined` if
   * {@link lastWorkerOf} returns `undefined`.
   */
  lastCallAt(sessionId: string): number | undefined {
    const { sessions } = this.#scheduler;
    return sessions.lastWorker(sessionId) && sessions.lastCallAt(sessionId);
  }

  /**
   * Notifies every worker of an ended session, and removes the session from the pool. A session that never ends is
   * removed with its workers. A later call starts the session again.
   *
   * @param error the error of its queued calls. Without it, calls that wait for one worker wait for any worker and
   *   start the session again.
   */
  endSession(sessionId: string, error?: SnakepitError): void {
    this.#scheduler.endSession(sessionId, error && (() => error));
  }

  /**
   * Notifies every worker of a session that its cached variables are stale; without names, all of them.
   */
  invalidate(sessionId: string, names?: readonly string[]): void {
    for (const { handle } of this.#scheduler.sessions.workers(sessionId)) handle.invalidate(sessionId, names);
  }

  /** Returns the current running and queued calls. Takes time and memory proportional to their number. */
  occupancy(): PoolOccupancy {
    const { available } = this.#scheduler;
    const { roster, expectsWorkers } = this.#supervisor;
    return {
      full: available === 0 && !expectsWorkers,
      running: roster.running(),
      queued: this.#scheduler.listQueued(),
      limits: this.#scheduler.limits.occupied(),
    };
  }

  /**
   * Calls `listener` with each nested call that is queued, and again when such a call must wait for one worker instead
   * of any, because its session was bound to it. Other calls have no overhead.
   *
   * @returns a function that removes the listener.
   */
  onQueued(listener: QueuedListener): Unsubscribe {
    return this.#scheduler.waiting.onQueued(listener);
  }

  /** Fails a queued call with `error`. Returns whether it was queued: it may have been dispatched or have ended. */
  reject(correlationId: string, error: SnakepitError): boolean {
    const call = this.#scheduler.waiting.find(correlationId);
    if (call !== undefined) this.#scheduler.giveUp(call, "cancelled", error);
    return call !== undefined;
  }

  /**
   * Returns the tools of the ready workers; while none is ready, those of the last ready workers; empty before the
   * first.
   */
  tools(): readonly ToolDescriptor[] {
    return this.#scheduler.tools.list();
  }

  /**
   * Calls a tool of the workers themselves, on each worker that executes several calls at the same time, in addition to
   * its calls.
   *
   * @returns the values by the ID of the worker, without workers that end meanwhile.
   * @throws SnakepitError as a rejection: an error of a worker, `DEADLINE_EXCEEDED`, `CANCELLED`, `SHUTTING_DOWN`.
   */
  async inspect(tool: string, limits: InspectionLimits): Promise<ReadonlyMap<string, unknown>> {
    this.#supervisor.throwIfClosed();
    const { noArguments: args } = this.#options;
    const workers = this.#supervisor.roster.alive().filter(({ handle }) => isConcurrent(handle));
    if (args === undefined) return new Map();
    const values = await Promise.all(workers.map((worker) => inspectWorker(worker, { name: tool, args }, limits)));
    const entries = workers.map(({ handle }, index) => [handle.workerId, values[index]] as const);
    return new Map(entries.filter(([, value]) => value !== undefined));
  }

  /** Returns the workers with their calls, and the queue. Takes time proportional to the workers and calls. */
  observe(): PoolObservation {
    return observePool(this.#scheduler, this.#supervisor.roster, this.#options.queueLimit);
  }

  /** Returns the internal state of the pool, for reports of problems. */
  debug(): PoolDebugState {
    return debugPool(this.#supervisor.state, this.#scheduler, this.#supervisor.roster);
  }

  /**
   * Returns the stacks of all threads of a worker, which continues.
   *
   * @throws SnakepitError as a rejection: `INVALID_ARGUMENT` for an unknown worker, or one without stacks;
   *   `DEADLINE_EXCEEDED`, `CANCELLED`, `WORKER_CRASHED` if it ends meanwhile, `SHUTTING_DOWN`.
   */
  async readStacks(workerId: string, options: StacksOptions): Promise<CollectedStacks> {
    this.#supervisor.throwIfClosed();
    return await readWorkerStacks(this.name, this.#supervisor.roster, workerId, options);
  }

  /** Returns the source files that the ready workers have loaded, if they report them. */
  sourceFiles(): string[] {
    const workers = this.#supervisor.roster.alive().filter(({ accepting }) => accepting);
    return [...new Set(workers.flatMap(({ handle }) => handle.sourceFiles ?? []))];
  }

  /** The tools with settings, by name; `undefined` while no tool has any. */
  get toolSettings(): ReadonlyMap<string, ToolDescriptor> | undefined {
    return this.#scheduler.tools.settings;
  }

  /**
   * Rejects new and queued calls (`SHUTTING_DOWN`), lets active calls finish, then stops the workers and closes the
   * launcher. Calls that are still active after the grace period fail with `SHUTTING_DOWN`. Can be called again, for
   * example to shorten the grace period.
   *
   * @param options.graceMs milliseconds that active calls may continue. Default: the pool's `shutdownGraceMs`.
   */
  close(options: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    return this.#supervisor.close(options.graceMs ?? this.#options.shutdownGraceMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function isConcurrent({ profile }: WorkerHandle): boolean {
  return profile !== undefined && profile.name !== "process";
}
