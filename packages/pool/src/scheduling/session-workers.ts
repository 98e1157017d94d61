import type { Call, PoolWorker } from "../calls/call.ts";
import type { AvailableWorkers } from "./available-workers.ts";

/** What a pool remembers of a session. */
interface Entry {
  /** The worker that got its last call. */
  last: PoolWorker | undefined;
  /** When that was, on the monotonic clock. */
  lastCallAt: number;
  /** The workers that have got a call of it and live. */
  readonly workers: PoolWorker[];
}

/**
 * Which workers know a session. An entry ends with the session or with the workers, whichever is first; a worker that
 * takes no calls any more is no session's last worker.
 */
export class SessionWorkers {
  readonly #available: AvailableWorkers;
  readonly #entries = new Map<string, Entry>();

  constructor(available: AvailableWorkers) {
    this.#available = available;
  }

  /**
   * The worker that a call is for: the last one of its session, or else `other`, which could take it. In strict modes it may be
   * one that is busy.
   */
  workerFor<Other extends PoolWorker | undefined>(call: Call, other: Other): PoolWorker | Other {
    if (call.sessionId === undefined) return other;
    const last = this.lastWorker(call.sessionId);
    if (last === undefined) return other;
    return call.affinity === "hint" && !this.#available.has(last) ? other : last;
  }

  /** The worker that got the last call of a session; `undefined` when that one takes no calls any more. */
  lastWorker(sessionId: string): PoolWorker | undefined {
    const last = this.#entries.get(sessionId)?.last;
    return last?.accepting === true ? last : undefined;
  }

  /** Every active worker that has got a call of a session. */
  workers(sessionId: string): readonly PoolWorker[] {
    return this.#entries.get(sessionId)?.workers ?? [];
  }

  /** When a worker got the last call of a session. */
  lastCallAt(sessionId: string): number | undefined {
    return this.#entries.get(sessionId)?.lastCallAt;
  }

  /** A worker gets a call of a session. */
  note(sessionId: string, worker: PoolWorker, now: number): void {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined) {
      this.#entries.set(sessionId, { last: worker, lastCallAt: now, workers: [worker] });
    } else {
      entry.lastCallAt = now;
      if (entry.last === worker) return;
      entry.last = worker;
      if (!worker.sessions.has(sessionId)) entry.workers.push(worker);
    }
    worker.sessions.add(sessionId);
  }

  /** Forgets a session and returns the workers that know it. */
  endSession(sessionId: string): readonly PoolWorker[] {
    const workers = this.workers(sessionId);
    this.#entries.delete(sessionId);
    for (const worker of workers) worker.sessions.delete(sessionId);
    return workers;
  }

  /** Forgets a worker. */
  endWorker(worker: PoolWorker): void {
    for (const sessionId of worker.sessions) {
      const entry = this.#entries.get(sessionId);
      if (entry === undefined) continue;
      entry.workers.splice(entry.workers.indexOf(worker), 1);
      if (entry.last === worker) entry.last = undefined;
      if (entry.workers.length === 0) this.#entries.delete(sessionId);
    }
    worker.sessions.clear();
  }
}
