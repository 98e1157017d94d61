import type { Call, PoolWorker } from "../calls/call.ts";

/** The milliseconds after which the running call of a worker is longer than the calls ahead should wait for. */
const STALLED_MS = 0.5;
/** The milliseconds between two checks while a worker is free. */
const CHECK_MS = 1;

/**
 * The calls that workers hold ahead of their start. If a running call takes longer than expected, the calls behind it
 * are due for another worker: {@link oldestStalled} finds them.
 */
export class CallsAhead implements Iterable<Call> {
  /** The number of calls ahead, at all workers. */
  length = 0;
  /** The number of calls of batches among them. */
  ofBatches = 0;
  readonly #check: () => void;
  readonly #holders = new Set<PoolWorker>();
  /** When to look for stalled calls again, on the monotonic clock. */
  #nextSearchAt = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param check called soon after {@link watch}, to move calls from stalled workers to free ones. */
  constructor(check: () => void) {
    this.#check = check;
  }

  /** Adds a call that was sent to a worker. */
  add(call: Call, worker: PoolWorker): void {
    call.holder = worker;
    worker.ahead.push(call);
    this.#holders.add(worker);
    this.length += 1;
    if (call.batch !== undefined) this.ofBatches += 1;
  }

  /** Removes a call, which has started or was recalled, and returns the worker. */
  remove(call: Call): PoolWorker {
    const worker = call.holder as PoolWorker;
    call.holder = undefined;
    worker.ahead.remove(call);
    if (worker.ahead.length === 0) this.#holders.delete(worker);
    this.length -= 1;
    if (call.batch !== undefined) this.ofBatches -= 1;
    return worker;
  }

  /** Returns the call that has waited longest at a worker whose running call takes long. */
  oldestStalled(now: number): Call | undefined {
    if (this.length === 0 || now < this.#nextSearchAt) return undefined;
    let oldest: Call | undefined;
    for (const { beganAt, ahead } of this.#holders) {
      const { first } = ahead;
      if (now - beganAt < STALLED_MS || first === undefined) continue;
      if (oldest === undefined || first.arrival < oldest.arrival) oldest = first;
    }
    // Searching at each answer would take time in proportion to the number of workers.
    if (oldest === undefined) this.#nextSearchAt = now + STALLED_MS / 4;
    return oldest;
  }

  /** Checks in about a millisecond; to be called while a worker is free and others hold calls. */
  watch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#check();
    }, CHECK_MS);
  }

  /** Stops the timer. */
  close(): void {
    clearTimeout(this.#timer);
  }

  /** Iterates over all calls, worker by worker; the current call may be removed. */
  *[Symbol.iterator](): IterableIterator<Call> {
    for (const { ahead } of this.#holders) yield* ahead;
  }
}
