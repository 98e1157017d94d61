import { CircuitState, type IBreaker } from "cockatiel";

/** The number of periods that a window consists of. */
const PERIODS = 10;

/** The number of a period without calls: older than every window. */
const UNUSED = Number.NEGATIVE_INFINITY;

/** The calls that ended in one period. */
interface Period {
  /** The number of the period since the start of the clock. */
  number: number;
  calls: number;
  failures: number;
}

/**
 * Opens a circuit when the rate of failures in a sliding window reaches a limit. cockatiel's own `SamplingBreaker`
 * discards at most one old period with each call, so that after a pause it counts calls from before the window.
 */
export class FailureRate implements IBreaker {
  /** The state that cockatiel could store elsewhere; it is not used. */
  state: unknown;
  readonly #limit: number;
  readonly #minCalls: number;
  readonly #periodMs: number;
  readonly #periods: Period[] = Array.from({ length: PERIODS }, () => ({ number: UNUSED, calls: 0, failures: 0 }));

  /**
   * @param limit the rate of failures that opens the circuit, from 0 to 1.
   * @param minCalls the fewest calls in the window that open it.
   * @param windowMs the length of the window in milliseconds.
   */
  constructor(limit: number, minCalls: number, windowMs: number) {
    this.#limit = limit;
    this.#minCalls = minCalls;
    this.#periodMs = windowMs / PERIODS;
  }

  /** Returns the calls and failures of the window. */
  totals(): { readonly calls: number; readonly failures: number } {
    const oldest = this.#number() - PERIODS + 1;
    const current = this.#periods.filter(({ number }) => number >= oldest);
    return {
      calls: current.reduce((sum, { calls }) => sum + calls, 0),
      failures: current.reduce((sum, { failures }) => sum + failures, 0),
    };
  }

  success(state: CircuitState): void {
    // The circuit closes: the failures that opened it are in the past.
    if (state === CircuitState.HalfOpen) for (const period of this.#periods) period.number = UNUSED;
    else this.#current().calls += 1;
  }

  failure(state: CircuitState): boolean {
    const period = this.#current();
    period.calls += 1;
    period.failures += 1;
    if (state !== CircuitState.Closed) return true;
    const { calls, failures } = this.totals();
    return calls >= this.#minCalls && failures >= this.#limit * calls;
  }

  #current(): Period {
    const number = this.#number();
    const period = this.#periods[number % PERIODS] as Period;
    if (period.number !== number) Object.assign(period, { number, calls: 0, failures: 0 });
    return period;
  }

  #number(): number {
    return Math.floor(performance.now() / this.#periodMs);
  }
}
