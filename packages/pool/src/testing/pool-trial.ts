import { type CallLineage, SnakepitError } from "@snakepit/core";
import type { Affinity } from "../pool-options.ts";
import type { WorkerPool } from "../worker-pool.ts";
import type { FakeCall } from "./fake-call.ts";
import { FakeLauncher } from "./fake-launcher.ts";
import type { FakeWorker } from "./fake-worker.ts";
import { request, startedPool } from "./pool-under-test.ts";

/** Every call of a trial is made on behalf of another, so that the pool reports when it has to wait. */
const OUTER: CallLineage = { correlationId: "outer", pool: "test", tool: "echo", parent: undefined };

/** A call that a trial made. */
interface Made {
  readonly id: string;
  /** Its place in the order of arrival. */
  readonly arrival: number;
  readonly sessionId: string | undefined;
  readonly affinity: Affinity;
  readonly controller: AbortController;
  /** How often the caller got an answer. */
  answers: number;
}

export interface TrialOptions {
  readonly size: number;
  readonly capacity: number;
  readonly queueLimit: number;
  readonly deaf: boolean;
}

/** What a trial asks of one call. */
export interface TrialCall {
  readonly tool: "echo" | "count";
  readonly timeoutMs: number | null;
  readonly sessionId: string | null;
  readonly affinity: Affinity;
}

/**
 * A pool, all its operations, and what its workers got, with a plain model of what it may do. Violations are recorded,
 * since nothing may be thrown at the pool, and returned by {@link violations}.
 */
export class PoolTrial {
  readonly made: Made[] = [];
  readonly launcher: FakeLauncher;
  readonly pool: WorkerPool;
  /** Requests for recycling that have no answer yet. */
  recycling = 0;
  readonly #options: TrialOptions;
  readonly #byId = new Map<string, Made>();
  readonly #dispatched = new Set<string>();
  /** Calls that were given up, or answered, before a worker got them. */
  readonly #forbidden = new Set<string>();
  /** The worker that got the last call of each session. */
  readonly #last = new Map<string, FakeWorker>();
  /** The worker that a call waits for, or has waited for. */
  readonly #awaited = new Map<string, string>();
  /** The sessions that each worker knows. */
  readonly #known = new Map<FakeWorker, Set<string>>();
  readonly #violations: string[] = [];
  /** Violations unless the worker named was about to end, which the pool knows before anything else does. */
  #suspicions: { readonly of: FakeWorker; readonly violation: string }[] = [];

  constructor(options: TrialOptions) {
    const { size, capacity, queueLimit, deaf } = options;
    this.#options = options;
    const dispatched = (call: FakeCall, to: FakeWorker) => this.#onDispatch(call, to);
    this.launcher = new FakeLauncher({ capacity, deaf, dispatched }, () => {});
    this.pool = startedPool(this.launcher, { size, queueLimit, queueTimeoutMs: 1_000, cancelGraceMs: 500 });
    this.pool.onQueued(({ correlationId, waitsFor }) => {
      if (waitsFor !== undefined) this.#awaited.set(correlationId, waitsFor);
    });
  }

  call({ tool, timeoutMs, sessionId: session, affinity }: TrialCall): void {
    const sessionId = session ?? undefined;
    const deadline = timeoutMs === null ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
    const arrival = this.made.length;
    const made: Made = {
      id: `call-${arrival}`,
      arrival,
      sessionId,
      affinity,
      controller: new AbortController(),
      answers: 0,
    };
    this.made.push(made);
    this.#byId.set(made.id, made);
    const { signal } = made.controller;
    const call = request(tool, { signal, deadline, correlationId: made.id, sessionId, affinity, parent: OUTER });
    const answered = () => {
      made.answers += 1;
      if (!this.#dispatched.has(made.id)) this.#forbidden.add(made.id);
    };
    const answer = tool === "echo" ? this.pool.execute(call) : this.pool.stream(call).next();
    answer.then(answered, (error: unknown) => {
      answered();
      this.#onError(made, error);
    });
  }

  abort(pick: number): void {
    const made = this.made[pick % this.made.length];
    if (made === undefined) return;
    if (!this.#dispatched.has(made.id)) this.#forbidden.add(made.id);
    made.controller.abort();
  }

  answer(pick: number, fails: boolean): void {
    const held = this.launcher.alive.flatMap((worker) => worker.calls);
    const call = held[pick % held.length];
    if (call === undefined) return;
    if (fails) call.fail(new SnakepitError("PYTHON_EXCEPTION", "no"));
    else if (call.call.streaming) call.end();
    else call.value("yes");
  }

  launch(pick: number, fails: boolean): void {
    const { pending } = this.launcher;
    const launch = pending[pick % pending.length];
    if (fails) launch?.fail(new SnakepitError("WORKER_START_FAILED", "no"));
    else launch?.succeed();
  }

  crash(pick: number): void {
    const { alive } = this.launcher;
    alive[pick % alive.length]?.crash();
  }

  endSession(sessionId: string): void {
    const knowing = this.launcher.alive.filter((worker) => this.#known.get(worker)?.has(sessionId));
    const before = knowing.map(({ endedSessions }) => endedSessions.length);
    this.#last.delete(sessionId);
    for (const known of this.#known.values()) known.delete(sessionId);
    this.pool.endSession(sessionId);
    for (const [index, worker] of knowing.entries()) {
      if (worker.endedSessions.length === before[index]) {
        this.#violations.push(`${worker.workerId} was not notified of the end of ${sessionId}`);
      }
    }
  }

  recycle(pick: number, abortAfterMs: number | null): void {
    const workers = this.pool.workers();
    const worker = workers[pick % workers.length];
    if (worker === undefined) return;
    const signal = abortAfterMs === null ? undefined : abortIn(abortAfterMs);
    this.recycling += 1;
    this.pool.recycle(worker.id, { signal }).then(
      (id) => {
        this.recycling -= 1;
        if (this.pool.workers().some((each) => each.id === worker.id)) {
          this.#violations.push(`${worker.id} was replaced by ${id} and is still there`);
        }
      },
      (error: unknown) => {
        this.recycling -= 1;
        const codes: readonly string[] = ["WORKER_START_FAILED", "CANCELLED", "SHUTTING_DOWN"];
        if (!(error instanceof SnakepitError && codes.includes(error.code))) {
          this.#violations.push(`recycling failed with ${String(error)}`);
        }
      },
    );
  }

  /** What was or is wrong; to be called when the microtasks that were due have run. */
  violations(): string[] {
    const { capacity, queueLimit } = this.#options;
    const wrong = [...this.#violations];
    const stats = this.pool.stats();
    const ready = new Map(this.pool.workers().flatMap((info) => (info.state === "ready" ? [[info.id, info]] : [])));
    for (const { of, violation } of this.#suspicions) if (ready.has(of.workerId)) wrong.push(violation);
    this.#suspicions = [];

    // No load is lost or leaked: the pool counts what its workers hold.
    const held = this.launcher.alive.reduce((sum, worker) => sum + worker.calls.length, 0);
    if (stats.active !== held) wrong.push(`the pool counts ${stats.active} active calls, its workers ${held}`);
    for (const { workerId, calls } of this.launcher.alive) {
      if (calls.length > capacity) wrong.push(`${workerId} has ${calls.length} calls`);
    }

    // No call waits while a worker could take it.
    const { queued } = this.pool.occupancy();
    if (queued.length !== stats.queued) wrong.push(`${queued.length} of ${stats.queued} calls that wait are listed`);
    if (stats.queued > queueLimit) wrong.push(`${stats.queued} calls wait`);
    for (const { correlationId: id, waitsFor } of queued) {
      if (waitsFor === undefined) {
        if (stats.available > 0) wrong.push(`${id} waits while a worker is free`);
        continue;
      }
      const { affinity, sessionId } = this.#byId.get(id) as Made;
      if (affinity !== "strict-queue" || sessionId === undefined) wrong.push(`${id} waits for one worker`);
      const info = ready.get(waitsFor);
      if (info === undefined || info.load < capacity) wrong.push(`${id} waits for ${waitsFor}, which could take it`);
    }

    // The pool has as many workers as configured, and one more starts for each that is being replaced.
    if (ready.size > stats.size) wrong.push(`${ready.size} workers are ready`);
    if (ready.size + stats.starting > stats.size + this.recycling) wrong.push(`${stats.starting} workers start`);

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

  #onDispatch({ call }: FakeCall, to: FakeWorker): void {
    const made = this.#byId.get(call.correlationId) as Made;
    const { id, arrival, sessionId } = made;
    if (this.#forbidden.has(id)) this.#violations.push(`${id} was executed although it had ended`);
    this.#dispatched.add(id);
    // No call overtakes another that the same worker might have taken.
    for (const { correlationId, waitsFor } of this.pool.occupancy().queued) {
      const other = this.#byId.get(correlationId) as Made;
      if (other.arrival < arrival && (waitsFor === undefined || waitsFor === to.workerId)) {
        this.#violations.push(`${id} overtook ${other.id} at ${to.workerId}`);
      }
    }
    const last = sessionId === undefined ? undefined : this.#last.get(sessionId);
    // One that waited for this worker gets it, whatever has become of its session meanwhile.
    if (this.#awaited.get(id) !== to.workerId) {
      if (last === undefined || last.gone) this.#expectLeastLoaded(id, to);
      else if (last !== to) this.#expectBusy(made, last, to);
    }
    if (sessionId === undefined) return;
    this.#last.set(sessionId, to);
    const known = this.#known.get(to) ?? new Set();
    this.#known.set(to, known.add(sessionId));
  }

  /** What the worker holds counts this call already; what the pool knows of the others does not. */
  #expectLeastLoaded(id: string, to: FakeWorker): void {
    for (const other of this.pool.workers()) {
      const of = this.launcher.workers.find(({ workerId }) => workerId === other.id) as FakeWorker;
      if (other.state !== "ready" || of === to || other.load >= to.calls.length - 1) continue;
      this.#suspicions.push({ of, violation: `${id} went to ${to.workerId}, which had more to do than ${other.id}` });
    }
  }

  /** A call may go elsewhere than to the last worker of its session only if that is busy and its mode allows it. */
  #expectBusy({ id, affinity }: Made, last: FakeWorker, to: FakeWorker): void {
    if (affinity === "hint" && last.calls.length >= last.capacity) return;
    this.#suspicions.push({ of: last, violation: `${id} went to ${to.workerId} and not to ${last.workerId}` });
  }

  #onError({ id, affinity }: Made, error: unknown): void {
    if (!(error instanceof SnakepitError)) this.#violations.push(`${id} failed with ${String(error)}`);
    else if (error.details["recycled"] === true) this.#violations.push(`${id} was lost by recycling`);
    else if (error.code === "SESSION_WORKER_UNAVAILABLE" && affinity !== "strict-fail") {
      this.#violations.push(`${id} was refused for its session's worker`);
    }
  }
}

function abortIn(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}
