import { type CallLineage, SnakepitError } from "@snakepit/core";
import type { Affinity } from "../pool-options.ts";
import type { WorkerPool } from "../worker-pool.ts";
import type { FakeCall } from "./fake-call.ts";
import { FakeLauncher } from "./fake-launcher.ts";
import type { FakeWorker } from "./fake-worker.ts";
import { request, startedPool } from "./pool-under-test.ts";

/** The calls of sessions are nested, so that the pool reports for which worker they wait. Others are sent ahead. */
const OUTER: CallLineage = { correlationId: "outer", pool: "test", tool: "echo", parent: undefined };

/** The largest pool of a trial. */
export const MOST_WORKERS = 4;
const NO_SETTINGS = { timeoutMs: undefined, idempotent: undefined };

/** A call that a trial made. */
interface TrialRecord {
  readonly id: string;
  /** The position in the order of arrival. */
  readonly arrival: number;
  readonly tool: TrialCall["tool"];
  readonly sessionId: string | undefined;
  readonly affinity: Affinity;
  readonly controller: AbortController;
  /** The number of answers that the caller received. */
  answers: number;
}

export interface TrialOptions {
  readonly size: number;
  readonly capacity: number;
  readonly queueLimit: number;
  readonly ignoresCancel: boolean;
  readonly prefetch: "auto" | number;
  /** The limit of the tool `sleep`; `undefined` without one. */
  readonly maxConcurrent: number | undefined;
}

/** Options of one call of a trial. */
export interface TrialCall {
  readonly tool: "echo" | "sleep" | "count";
  readonly timeoutMs: number | null;
  readonly sessionId: string | null;
  readonly affinity: Affinity;
}

/**
 * A pool with its operations and workers, and a simple model of its allowed behavior. Violations are recorded, because
 * throwing would disturb the pool, and returned by {@link violations}. Operations that pick a call, worker or launch
 * return whether there was one.
 */
export class PoolTrial {
  readonly made: TrialRecord[] = [];
  readonly launcher: FakeLauncher;
  readonly pool: WorkerPool;
  /** The number of pending requests to replace, drain or reload workers, or to change their number. */
  pending = 0;
  readonly #options: TrialOptions;
  readonly #byId = new Map<string, TrialRecord>();
  readonly #dispatched = new Set<string>();
  /** Calls that ended before they were dispatched. */
  readonly #forbidden = new Set<string>();
  /** Calls that a worker has finished and whose answer is on its way. */
  readonly #unseen: { readonly call: FakeCall; readonly worker: FakeWorker }[] = [];
  /** The worker of the last call of each session. */
  readonly #last = new Map<string, FakeWorker>();
  /** The worker that a call waits for, or has waited for. */
  readonly #awaited = new Map<string, string>();
  /** The sessions of each worker. */
  readonly #known = new Map<FakeWorker, Set<string>>();
  /** The most workers at the same time: more than the size of the pool while one is replaced. */
  #mostWorkers = 0;
  readonly #violations: string[] = [];
  /** Violations unless the worker was already stopping, which only the pool can see. */
  #conditionalViolations: { readonly of: FakeWorker; readonly violation: string }[] = [];

  constructor(options: TrialOptions) {
    const { size, capacity, queueLimit, ignoresCancel, prefetch, maxConcurrent } = options;
    this.#options = options;
    const dispatched = (call: FakeCall, to: FakeWorker) => this.#onDispatch(call, to);
    const worker = { capacity, ignoresCancel, dispatched, maxAhead: 8, startsByHand: true };
    this.launcher = new FakeLauncher(worker, () => {});
    const tools = maxConcurrent === undefined ? {} : { sleep: { ...NO_SETTINGS, maxConcurrent } };
    const limits = { queueTimeoutMs: 1_000, cancelGraceMs: 500 };
    this.pool = startedPool(this.launcher, { size, queueLimit, ...limits, prefetch, tools });
    this.pool.onQueued(({ correlationId, waitsFor }) => {
      if (waitsFor !== undefined) this.#awaited.set(correlationId, waitsFor);
    });
  }

  call({ tool, timeoutMs, sessionId: session, affinity }: TrialCall): void {
    const sessionId = session ?? undefined;
    const deadline = timeoutMs === null ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
    const arrival = this.made.length;
    const made: TrialRecord = {
      id: `call-${arrival}`,
      arrival,
      tool,
      sessionId,
      affinity,
      controller: new AbortController(),
      answers: 0,
    };
    this.made.push(made);
    this.#byId.set(made.id, made);
    const { signal } = made.controller;
    const parent = sessionId === undefined ? undefined : OUTER;
    const call = request(tool, { signal, deadline, correlationId: made.id, sessionId, affinity, parent });
    const answered = () => {
      made.answers += 1;
      if (!this.#dispatched.has(made.id)) this.#forbidden.add(made.id);
    };
    const answer = tool === "count" ? this.pool.stream(call).next() : this.pool.execute(call);
    answer.then(answered, (error: unknown) => {
      answered();
      this.#onError(made, error);
    });
  }

  abort(pick: number): boolean {
    const made = this.made[pick % this.made.length];
    if (made === undefined) return false;
    if (!this.#dispatched.has(made.id)) this.#forbidden.add(made.id);
    made.controller.abort();
    return true;
  }

  /** @param executionMs the time that the worker reports. */
  answer(pick: number, fails: boolean, executionMs: number): boolean {
    const held = this.launcher.alive.flatMap((worker) => worker.calls);
    const call = held[pick % held.length];
    if (call === undefined) return false;
    if (fails) call.fail(new SnakepitError("PYTHON_EXCEPTION", "no"));
    else if (call.call.streaming) call.end();
    else call.value("yes", executionMs);
    return true;
  }

  /** A worker starts the next call that was sent ahead. */
  startAhead(pick: number): boolean {
    const { alive } = this.launcher;
    const worker = alive[pick % alive.length];
    if (worker === undefined || worker.ahead.length === 0) return false;
    worker.startAhead();
    return true;
  }

  /** A worker finishes a call; {@link deliver} delivers the answer. */
  finish(pick: number): boolean {
    const held = this.launcher.alive.flatMap((worker) => worker.calls.map((call) => ({ call, worker })));
    const finished = held[pick % held.length];
    if (finished === undefined || finished.call.call.streaming) return false;
    this.#unseen.push(finished);
    finished.worker.finishUnseen(finished.call);
    return true;
  }

  /** The oldest answer that is on its way arrives; `all`: all of them. Returns whether there was one. */
  deliver(all = false): boolean {
    const count = Math.min(this.#unseen.length, all ? Number.POSITIVE_INFINITY : 1);
    // Each is on its way until it arrives: those before it let the pool dispatch calls.
    for (let delivered = 0; delivered < count; delivered++) this.#unseen.shift()?.call.value("yes", 0.1);
    return count > 0;
  }

  /** Waits; then no call may be held by a worker while another one is free. */
  expectNoneHeld(): void {
    const { available } = this.pool.stats();
    const queued = new Set(this.pool.occupancy().queued.map(({ correlationId }) => correlationId));
    for (const { ahead, workerId } of this.launcher.alive) {
      for (const { call } of ahead) {
        if (available > 0 && queued.has(call.correlationId)) {
          this.#violations.push(`${call.correlationId} waits at ${workerId} while a worker is free`);
        }
      }
    }
  }

  launch(pick: number, fails: boolean): boolean {
    const { pending } = this.launcher;
    const launch = pending[pick % pending.length];
    if (launch === undefined) return false;
    if (fails) launch.fail(new SnakepitError("WORKER_START_FAILED", "no"));
    else launch.succeed();
    return true;
  }

  crash(pick: number): boolean {
    const { alive } = this.launcher;
    const worker = alive[pick % alive.length];
    if (worker === undefined) return false;
    const lost = this.#unseen.filter((each) => each.worker === worker);
    for (const each of lost) this.#unseen.splice(this.#unseen.indexOf(each), 1);
    for (const { call } of lost) call.lose(new SnakepitError("WORKER_CRASHED", "its answer was on its way"));
    worker.crash();
    return true;
  }

  endSession(sessionId: string): void {
    const notified = this.launcher.alive.filter((worker) => this.#known.get(worker)?.has(sessionId));
    const before = notified.map(({ endedSessions }) => endedSessions.length);
    this.#last.delete(sessionId);
    for (const known of this.#known.values()) known.delete(sessionId);
    this.pool.endSession(sessionId);
    for (const [index, worker] of notified.entries()) {
      if (worker.endedSessions.length === before[index]) {
        this.#violations.push(`${worker.workerId} was not notified of the end of ${sessionId}`);
      }
    }
  }

  recycle(pick: number, abortAfterMs: number | null): boolean {
    const workers = this.pool.workers();
    const worker = workers[pick % workers.length];
    if (worker === undefined) return false;
    const signal = abortAfterMs === null ? undefined : abortIn(abortAfterMs);
    // A surplus worker is not replaced.
    const surplus = worker.state === "ready" ? [] : ["INVALID_ARGUMENT"];
    this.#follow("recycling", this.pool.recycle(worker.id, { signal }), surplus, (id) =>
      this.#expectGone(worker.id, id),
    );
    return true;
  }

  drain(pick: number): boolean {
    const workers = this.pool.workers();
    const worker = workers[pick % workers.length];
    if (worker === undefined) return false;
    this.#follow("draining", this.pool.drain(worker.id), [], () => this.#expectGone(worker.id, "none"));
    return true;
  }

  resize(size: number): void {
    this.#follow("resizing", this.pool.resize(size, { graceMs: Number.POSITIVE_INFINITY }), []);
  }

  reload(fails: boolean): void {
    this.launcher.renewalError = fails ? new SnakepitError("WORKER_START_FAILED", "a syntax error") : undefined;
    this.#follow("reloading", this.pool.reload(), []);
  }

  #follow<Result>(
    what: string,
    request: Promise<Result>,
    allowed: readonly string[],
    done: (result: Result) => void = () => {},
  ): void {
    this.pending += 1;
    request.then(
      (result) => {
        this.pending -= 1;
        done(result);
      },
      (error: unknown) => {
        this.pending -= 1;
        // The pool may have become degraded by a crash.
        const codes = ["WORKER_START_FAILED", "WORKER_CRASHED", "CANCELLED", "SHUTTING_DOWN", ...allowed];
        if (!(error instanceof SnakepitError && codes.includes(error.code))) {
          this.#violations.push(`${what} failed with ${String(error)}`);
        }
      },
    );
  }

  #expectGone(workerId: string, replacementId: string): void {
    if (this.pool.workers().some((each) => each.id === workerId)) {
      this.#violations.push(`${workerId} was replaced by ${replacementId} and is still listed`);
    }
  }

  /** Returns all violations. Must be called after all pending microtasks. */
  violations(): string[] {
    const { capacity, prefetch, queueLimit } = this.#options;
    const wrong = [...this.#violations];
    const stats = this.pool.stats();
    const ready = new Map(this.pool.workers().flatMap((info) => (info.state === "ready" ? [[info.id, info]] : [])));
    for (const { of, violation } of this.#conditionalViolations) if (ready.has(of.workerId)) wrong.push(violation);
    this.#conditionalViolations = [];

    const { queued } = this.pool.occupancy();
    const queuedIds = new Set(queued.map(({ correlationId }) => correlationId));

    // The load is exact: the pool counts the active calls of its workers, and those that are about to start.
    const atWorkers = this.launcher.alive.flatMap(({ calls, ahead }) => [...calls, ...ahead]);
    const unseen = this.#unseen.filter(({ worker }) => !worker.gone).map(({ call }) => call);
    const held = [...atWorkers, ...unseen].filter(({ call }) => !queuedIds.has(call.correlationId)).length;
    if (stats.active !== held) wrong.push(`the pool reports ${stats.active} active calls; its workers have ${held}`);
    const isAtWorker = new Set([...atWorkers, ...unseen].map(({ call }) => call.correlationId));
    for (const { workerId, calls } of this.launcher.alive) {
      if (calls.length > capacity) wrong.push(`${workerId} has ${calls.length} calls`);
    }

    // No call waits while a worker that may take it is available.
    if (queued.length !== stats.queued) wrong.push(`${queued.length} of ${stats.queued} waiting calls are listed`);
    // The calls of dead workers that they had not started return to the queue, even if that is full.
    this.#mostWorkers = Math.max(this.#mostWorkers, this.launcher.alive.length);
    if (stats.queued > queueLimit + this.#mostWorkers * capacity) wrong.push(`${stats.queued} calls wait`);
    if (prefetch === 0 && stats.queued > queueLimit) wrong.push(`${stats.queued} calls wait`);
    // At most so many calls of the tool run or wait for a worker, and no other one is held back.
    const limit = this.#options.maxConcurrent ?? Number.POSITIVE_INFINITY;
    const isLimited = (id: string) => this.#byId.get(id)?.tool === "sleep";
    const running = [...atWorkers, ...unseen].filter(({ call }) => isLimited(call.correlationId)).length;
    const throttled = queued.filter(({ throttledTool }) => throttledTool !== undefined);
    const passed = queued.filter(({ correlationId }) => isLimited(correlationId)).length - throttled.length + running;
    if (running > limit) wrong.push(`${running} calls of a tool run whose limit is ${limit}`);
    if (throttled.length > 0 && passed !== limit) wrong.push(`a call is held back while ${passed} of ${limit} run`);
    for (const { correlationId: id, waitsFor, throttledTool } of queued) {
      if (throttledTool !== undefined) {
        if (throttledTool !== "sleep") wrong.push(`${id} is held back by the limit of ${throttledTool}`);
        continue;
      }
      if (waitsFor === undefined) {
        // A call ahead is checked after some time, see expectNoneHeld.
        if (stats.available > 0 && !isAtWorker.has(id)) wrong.push(`${id} waits while a worker is free`);
        continue;
      }
      const { affinity, sessionId } = this.#byId.get(id) as TrialRecord;
      if (affinity !== "strict-queue" || sessionId === undefined) wrong.push(`${id} waits for one worker`);
      const info = ready.get(waitsFor);
      if (info === undefined || info.load < capacity) wrong.push(`${id} waits for ${waitsFor}, which could take it`);
    }

    // The pool has as many workers as intended, and one more starts for each that is being replaced.
    // A worker with several calls is replaced, too, when the answer of a cancelled one is late.
    const most = this.pending === 0 && capacity === 1 ? stats.size : 2 * MOST_WORKERS;
    if (ready.size > most) wrong.push(`${ready.size} workers are ready`);
    if (ready.size + stats.starting > most) wrong.push(`${stats.starting} workers start`);

    for (const [sessionId, last] of this.#last) {
      const expected = ready.has(last.workerId) ? last.workerId : undefined;
      const actual = this.pool.lastWorkerOf(sessionId);
      if (actual !== expected) wrong.push(`the last worker of ${sessionId} is ${expected}, not ${actual}`);
    }
    for (const worker of this.launcher.alive) {
      const info = ready.get(worker.workerId);
      const known = this.#known.get(worker)?.size ?? 0;
      if (info !== undefined && info.sessions !== known) wrong.push(`${info.id} counts ${info.sessions} sessions`);
    }
    for (const { id, answers } of this.made) if (answers > 1) wrong.push(`${id} was answered ${answers} times`);
    return wrong;
  }

  #onDispatch({ call, sentAhead }: FakeCall, to: FakeWorker): void {
    const made = this.#byId.get(call.correlationId) as TrialRecord;
    const { id, arrival, sessionId } = made;
    if (this.#forbidden.has(id)) this.#violations.push(`${id} was executed although it had ended`);
    if (this.#dispatched.has(id)) this.#violations.push(`${id} was executed twice`);
    this.#dispatched.add(id);
    // It was assigned earlier, when other rules applied.
    if (sentAhead) return;
    // No call overtakes another that the same worker may take, except calls that another worker holds.
    const atWorkers = this.launcher.alive.flatMap(({ calls, ahead }) => [...calls, ...ahead]);
    const isAtWorker = new Set(
      [...atWorkers, ...this.#unseen.map((each) => each.call)].map((each) => each.call.correlationId),
    );
    for (const { correlationId, waitsFor, throttledTool } of this.pool.occupancy().queued) {
      const other = this.#byId.get(correlationId) as TrialRecord;
      if (isAtWorker.has(correlationId)) continue;
      // A call that is held back delays only those of its tool.
      if (throttledTool !== undefined && throttledTool !== made.tool) continue;
      if (other.arrival < arrival && (waitsFor === undefined || waitsFor === to.workerId)) {
        this.#violations.push(`${id} overtook ${other.id} at ${to.workerId}`);
      }
    }
    const last = sessionId === undefined ? undefined : this.#last.get(sessionId);
    // A call that waited for this worker is dispatched to it, even if its session has changed.
    if (this.#awaited.get(id) !== to.workerId) {
      if (last === undefined || last.gone) this.#expectLeastLoaded(id, to);
      else if (last !== to) this.#expectBusy(made, last, to);
    }
    if (sessionId === undefined) return;
    this.#last.set(sessionId, to);
    const known = this.#known.get(to) ?? new Set();
    this.#known.set(to, known.add(sessionId));
  }

  /** Checks the load of the worker, which already includes this call, against the others. */
  #expectLeastLoaded(id: string, to: FakeWorker): void {
    for (const other of this.pool.workers()) {
      const of = this.launcher.workers.find(({ workerId }) => workerId === other.id) as FakeWorker;
      if (other.state !== "ready" || of === to || other.load >= this.#loadOf(to) - 1) continue;
      this.#conditionalViolations.push({
        of,
        violation: `${id} went to ${to.workerId}, which had a higher load than ${other.id}`,
      });
    }
  }

  /** The number of calls that are active at a worker as far as the pool can know. */
  #loadOf(worker: FakeWorker): number {
    const queued = new Set(this.pool.occupancy().queued.map(({ correlationId }) => correlationId));
    const unseen = this.#unseen.flatMap((each) => (each.worker === worker && !each.call.settled ? [each.call] : []));
    return [...worker.calls, ...worker.ahead, ...unseen].filter(({ call }) => !queued.has(call.correlationId)).length;
  }

  /** Checks that a call leaves the last worker of its session only if that is busy and the mode allows it. */
  #expectBusy({ id, affinity }: TrialRecord, last: FakeWorker, to: FakeWorker): void {
    if (affinity === "hint" && this.#loadOf(last) >= last.capacity) return;
    this.#conditionalViolations.push({
      of: last,
      violation: `${id} went to ${to.workerId} and not to ${last.workerId}`,
    });
  }

  #onError({ id, affinity }: TrialRecord, error: unknown): void {
    if (!(error instanceof SnakepitError)) this.#violations.push(`${id} failed with ${String(error)}`);
    else if (error.code === "WORKER_CRASHED" && !this.#dispatched.has(id)) {
      this.#violations.push(`${id} was lost although it had not started`);
    } else if (error.details["recycled"] === true) this.#violations.push(`${id} was lost by recycling`);
    else if (error.code === "SESSION_WORKER_UNAVAILABLE" && affinity !== "strict-fail") {
      this.#violations.push(`${id} was rejected because of its session's worker`);
    }
  }
}

function abortIn(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}
