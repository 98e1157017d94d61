import type { Call, PoolWorker } from "../calls/call.ts";
import type { PoolOptions } from "../pool-options.ts";

/**
 * The milliseconds of work that a worker may hold, the call that is sent ahead included. A round trip takes about a
 * tenth of a millisecond, so more would not keep the worker busier; with less, tools of half a millisecond would wait.
 */
const BUDGET_MS = 1;
/** The maximum number of calls ahead of a worker; with more, frames hardly share more system calls. */
const MAX_AHEAD = 32;
/** Larger arguments are not sent ahead: they would fill the memory of a worker that does not need them yet. */
const MAX_ARGUMENT_BYTES = 64 * 1024;

/** Decides which calls are sent to a worker ahead of their start (`prefetch`). */
export class Prefetch {
  readonly #limit: number;
  readonly #budgetMs: number;

  constructor(prefetch: PoolOptions["prefetch"]) {
    this.#limit = prefetch === "auto" ? MAX_AHEAD : prefetch;
    this.#budgetMs = prefetch === "auto" ? BUDGET_MS : Number.POSITIVE_INFINITY;
  }

  /** Whether a call can be sent to a busy worker ahead of its start, as far as only the worker matters. */
  hasRoom(worker: PoolWorker): boolean {
    const { accepting, ahead, expectedMs, handle } = worker;
    return accepting && ahead.length < Math.min(this.#limit, handle.maxAhead ?? 0) && expectedMs < this.#budgetMs;
  }

  /**
   * Whether a call can be sent ahead. Not the calls of a session, whose worker is recorded when they start; not nested
   * ones, for which deadlocks are detected while they are queued; not streams, which are rarely short; and not
   * calls of a tool with a limit, which would use it up while they wait.
   */
  isEligible(call: Call): boolean {
    return (
      call.sessionId === undefined &&
      call.parent === undefined &&
      !call.streaming &&
      call.gate === undefined &&
      call.args.byteLength <= MAX_ARGUMENT_BYTES
    );
  }

  /** Whether the worker would finish a call soon enough, where `expectedMs` is the expected time of the call. */
  isSoon(worker: PoolWorker, expectedMs: number): boolean {
    return worker.expectedMs + expectedMs <= this.#budgetMs;
  }
}

/** The expected milliseconds of a tool that has not been measured: long enough that nothing is sent ahead. */
const UNKNOWN_MS = 1_000;
/** The weight of a measurement that is longer than expected, and of one that is shorter. */
const WEIGHT_OF_LONGER = 0.25;
const WEIGHT_OF_SHORTER = 0.05;

/**
 * The expected execution time of a tool: a moving average of what its workers report. It rises faster than it falls,
 * because a call that was sent behind a long one has to be recalled, while a call that was not sent ahead only costs
 * a round trip.
 */
export class ExecutionTime {
  expectedMs = UNKNOWN_MS;
  #isKnown = false;

  record(executionMs: number): void {
    if (!this.#isKnown) {
      this.#isKnown = true;
      this.expectedMs = executionMs;
      return;
    }
    const excess = executionMs - this.expectedMs;
    this.expectedMs += excess * (excess > 0 ? WEIGHT_OF_LONGER : WEIGHT_OF_SHORTER);
  }
}

/** The expected time of a tool of which nothing is known. */
export const UNKNOWN_TIME = new ExecutionTime();
