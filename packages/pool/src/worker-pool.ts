import {
  type Instrumentation,
  noInstrumentation,
  type SnakepitError,
  type ToolDescriptor,
  type Unsubscribe,
  type WorkerLauncher,
} from "@snakepit/core";
import { UnaryCall } from "./calls/unary-call.ts";
import type { PoolCall } from "./pool-call.ts";
import type { PoolOccupancy, QueuedListener } from "./pool-occupancy.ts";
import type { PoolOptions } from "./pool-options.ts";
import type { PoolStats, WorkerInfo } from "./pool-stats.ts";
import { Scheduler } from "./scheduling/scheduler.ts";
import { type StreamRequest, ToolStream } from "./streams/tool-stream.ts";
import type { RecycleOptions } from "./supervision/recycler.ts";
import { Supervisor } from "./supervision/supervisor.ts";

/** A stream of chunks: to be read with `for await`, left at any time, and disposable. */
export interface PoolStream extends AsyncIterableIterator<unknown, unknown>, AsyncDisposable {
  return(value?: unknown): Promise<IteratorResult<unknown, unknown>>;
  throw(thrown?: unknown): Promise<IteratorResult<unknown, unknown>>;
}

/**
 * A supervised pool of workers with a bounded queue in front of it. It knows the workers through their launcher only, and
 * shares nothing with other pools.
 *
 * @example
 * await using pool = new WorkerPool(options, launcher);
 * pool.start();
 * await pool.ready();
 * await pool.execute({ tool: "add", args: encodeValue({ a: 1, b: 2 }), deadline: deadlineIn(1_000), correlationId: newCorrelationId() });
 */
export class WorkerPool implements AsyncDisposable {
  readonly name: string;
  readonly #options: PoolOptions;
  readonly #scheduler: Scheduler;
  readonly #supervisor: Supervisor;

  /**
   * @param options the name and the limits.
   * @param launcher starts the workers; the pool closes it.
   * @param instrumentation is notified of calls, workers and the pool's state; by default no one is, which costs
   *   nothing.
   */
  constructor(options: PoolOptions, launcher: WorkerLauncher, instrumentation: Instrumentation = noInstrumentation) {
    this.name = options.name;
    this.#options = options;
    this.#scheduler = new Scheduler(options, instrumentation, () => this.#supervisor.callWaits());
    this.#supervisor = new Supervisor(options, launcher, this.#scheduler, instrumentation);
  }

  /** Starts workers, and keeps the configured number running from now on. May be called again. */
  start(): void {
    this.#supervisor.start();
  }

  /**
   * Resolves when the configured number of workers is ready.
   *
   * @param options.timeoutMs how long to wait; by default as long as the pool keeps trying at full speed.
   * @throws SnakepitError the error that keeps workers from starting (`WORKER_START_FAILED`, `PROTOCOL_MISMATCH`, …)
   *   when the pool cannot start one, `POOL_NOT_READY` after `timeoutMs` or before `start()`, `CANCELLED` by the signal,
   *   `SHUTTING_DOWN` when the pool closes.
   */
  ready(
    options: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    return this.#supervisor.ready(options.timeoutMs, options.signal);
  }

  /**
   * Runs a tool on the worker of its session ({@link PoolCall.affinity}) or the least loaded one, or queues the call when
   * that is not free.
   *
   * @throws SnakepitError `UNKNOWN_TOOL`, `INVALID_ARGUMENT` (the tool streams), `POOL_SATURATED`,
   *   `SESSION_WORKER_UNAVAILABLE`, `POOL_NOT_READY` or the error that keeps workers from starting, `SHUTTING_DOWN`,
   *   `QUEUE_TIMEOUT`, `DEADLINE_EXCEEDED`, `CANCELLED`, `WORKER_CRASHED`, `WORKER_HUNG`, and what the worker answers, such as `PYTHON_EXCEPTION`.
   */
  execute(call: PoolCall): Promise<unknown> {
    return new Promise((settle) => this.#scheduler.admit(new UnaryCall(this.#scheduler, call, settle)));
  }

  /**
   * Runs a streaming tool. The call is made when the first chunk is asked for; the worker runs ahead of the consumer by a
   * bounded window only. Fails as {@link execute} does, after the chunks that came before the failure; when the caller gives
   * up (signal, deadline), the error comes at once.
   *
   * @param call the call, or a function that prepares it: called with the first `next()`, and an error of it ends the stream.
   */
  stream(call: StreamRequest): PoolStream {
    return new ToolStream(this.#scheduler, call).chunks;
  }

  /** Returns the statistics of the pool, as of now. */
  stats(): PoolStats {
    const { waiting, available, requests, errors, queueTimeouts, saturated } = this.#scheduler;
    const { state, roster } = this.#supervisor;
    return { state, ...roster.census(), available, queued: waiting.length, requests, errors, queueTimeouts, saturated };
  }

  /** The workers that are alive, oldest slot first. */
  workers(): WorkerInfo[] {
    return this.#supervisor.roster.workers();
  }

  /**
   * Replaces a worker by a new one. The new one is started first; once it is ready the old one gets no further calls, its
   * sessions forget it, its calls finish, and it is stopped. No call fails for it, unless `graceMs` is too short. When the
   * worker dies meanwhile, what was started takes its place all the same.
   *
   * @returns the id of the new worker, once the old one is gone. Who asks while a worker is being replaced joins, and of
   *   several `graceMs` the shortest holds.
   * @throws SnakepitError as a rejection: `INVALID_ARGUMENT` when the pool has no such worker, the error of the start when
   *   no replacement could be started (the old worker works on then), `CANCELLED` by the signal, `SHUTTING_DOWN`.
   */
  recycle(workerId: string, options: RecycleOptions = {}): Promise<string> {
    return this.#supervisor.recycle(workerId, options);
  }

  /**
   * The id of the worker that got the last call of a session. `undefined` when the session has had no call or was ended,
   * and as soon as the worker gets no further calls, because it is gone, or lost, or about to go.
   */
  lastWorkerOf(sessionId: string): string | undefined {
    return this.#scheduler.sessions.lastWorker(sessionId)?.handle.workerId;
  }

  /**
   * When a worker of this pool got the last call of a session, on the monotonic clock; `undefined` when
   * {@link lastWorkerOf} is.
   */
  lastCallAt(sessionId: string): number | undefined {
    const { sessions } = this.#scheduler;
    return sessions.lastWorker(sessionId) && sessions.lastCallAt(sessionId);
  }

  /**
   * A session has ended: notifies every worker that has been given a call of it, and forgets it. What the pool
   * remembers of a session that does not end is forgotten with its workers. A later call begins the session again.
   *
   * @param error the error of its calls that wait. Without it those that wait for one worker wait for any, and begin
   *   the session again.
   */
  endSession(sessionId: string, error?: SnakepitError): void {
    this.#scheduler.endSession(sessionId, error && (() => error));
  }

  /**
   * Notifies every worker that has been given a call of a session that its cached variables of the session are stale;
   * without names, all of them.
   */
  invalidate(sessionId: string, names?: readonly string[]): void {
    for (const { handle } of this.#scheduler.sessions.workers(sessionId)) handle.invalidate(sessionId, names);
  }

  /** Who holds the workers and who waits for them, as of now. Takes time and memory in proportion to their number. */
  occupancy(): PoolOccupancy {
    const { available, waiting } = this.#scheduler;
    const { roster, expectsWorkers } = this.#supervisor;
    return { full: available === 0 && !expectsWorkers, running: roster.running(), queued: waiting.list() };
  }

  /**
   * Calls `listener` with each call on behalf of another that has to wait, and again when such a call that could wait for
   * any worker must wait for one, since its session has got it meanwhile. Other calls cost nothing.
   *
   * @returns ends it.
   */
  onQueued(listener: QueuedListener): Unsubscribe {
    return this.#scheduler.waiting.onQueued(listener);
  }

  /** Fails a waiting call with `error`. Returns whether it was waiting; it may have got a worker, or have ended, already. */
  reject(correlationId: string, error: SnakepitError): boolean {
    return this.#scheduler.reject(correlationId, error);
  }

  /** The tools that the ready workers offer; while none is ready, those of the last ones; empty before the first. */
  tools(): readonly ToolDescriptor[] {
    return this.#scheduler.tools.list();
  }

  /**
   * Refuses new calls and ends waiting ones (`SHUTTING_DOWN`), lets active ones finish, then ends the workers and closes the
   * launcher. Calls that are still active after the grace period end in `SHUTTING_DOWN`. May be called again, also to
   * shorten the grace period.
   *
   * @param options.graceMs how long active calls may go on; the pool's `shutdownGraceMs` by default.
   */
  close(options: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    return this.#supervisor.close(options.graceMs ?? this.#options.shutdownGraceMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
