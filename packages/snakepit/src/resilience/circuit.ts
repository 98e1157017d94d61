import {
  type Instrumentation,
  type ResolvedCircuit,
  SnakepitError,
  type ToolDescriptor,
  toSnakepitError,
} from "@snakepit/core";
import type { PoolCall } from "@snakepit/pool";
import {
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  handleWhenResult,
  isBrokenCircuitError,
} from "cockatiel";
import { circuitOutcome } from "./failure-meanings.ts";
import { FailureRate } from "./failure-rate.ts";

/** The longest time in milliseconds after which callers should try again while probes are running. */
const PROBING_MS = 1_000;

/** The result of a call as the circuit sees it. */
type Outcome<Value> =
  | { readonly is: "value"; readonly value: Value }
  /** A failure of the tool: the pool works. */
  | { readonly is: "answer"; readonly error: SnakepitError }
  | { readonly is: "failure"; readonly error: SnakepitError };

/** Makes an attempt of a call, unless the circuit is open. */
export interface CircuitGate {
  /**
   * @throws SnakepitError `CIRCUIT_OPEN` if the circuit is open: nothing is executed, and `details.retryAfterMs` is the
   *   time until the next attempt. Errors of `run` are rethrown.
   */
  execute<Value>(call: PoolCall, run: () => Promise<Value>): Promise<Value>;
}

/**
 * The circuits of a pool: one, or one for each tool.
 *
 * @param tools returns the tools of the pool; calls of other tools, which fail, have no circuit.
 */
export function createCircuits(
  pool: string,
  settings: ResolvedCircuit,
  instrumentation: Instrumentation,
  tools: () => readonly ToolDescriptor[],
): CircuitGate {
  if (settings.scope === "pool") return new Circuit(pool, undefined, settings, instrumentation);
  const circuits = new Map<string, Circuit>();
  return {
    execute(call, run) {
      let circuit = circuits.get(call.tool);
      if (circuit === undefined) {
        if (!tools().some(({ name }) => name === call.tool)) return run();
        circuit = new Circuit(pool, call.tool, settings, instrumentation);
        circuits.set(call.tool, circuit);
      }
      return circuit.execute(call, run);
    },
  };
}

/** A circuit breaker: cockatiel's states with our window of failures, and our errors and events. */
class Circuit implements CircuitGate {
  readonly #pool: string;
  /** The tool; `undefined` for the circuit of the whole pool. */
  readonly #tool: string | undefined;
  readonly #settings: ResolvedCircuit;
  readonly #policy: CircuitBreakerPolicy;
  /** When the circuit becomes half-open, on the monotonic clock. */
  #openUntil = 0;
  /** The number of probes since the circuit became half-open. */
  #probes = 0;

  constructor(pool: string, tool: string | undefined, settings: ResolvedCircuit, instrumentation: Instrumentation) {
    this.#pool = pool;
    this.#tool = tool;
    this.#settings = settings;
    const { failureRate, minCalls, windowMs, openMs, probes } = settings;
    const rate = new FailureRate(failureRate, minCalls, windowMs);
    this.#policy = circuitBreaker(
      handleWhenResult((outcome) => (outcome as Outcome<unknown>).is === "failure"),
      { halfOpenAfter: openMs, halfOpenSampling: { calls: probes, threshold: 0 }, breaker: rate },
    );
    const where = { pool, ...(tool !== undefined && { tool }) };
    this.#policy.onBreak((reason) => {
      this.#openUntil = performance.now() + openMs;
      const { error } = ("value" in reason ? reason.value : reason) as { readonly error: SnakepitError };
      instrumentation.emit("circuit.opened", { ...where, ...rate.totals(), openMs, error });
    });
    this.#policy.onHalfOpen(() => {
      this.#probes = 0;
      instrumentation.emit("circuit.half-open", where);
    });
    this.#policy.onReset(() => instrumentation.emit("circuit.closed", where));
  }

  async execute<Value>(call: PoolCall, run: () => Promise<Value>): Promise<Value> {
    // cockatiel would let the call wait for the probes, without regard to its deadline.
    if (this.#policy.state === CircuitState.HalfOpen && this.#probes >= this.#settings.probes) {
      throw this.#rejection(call, Math.min(this.#settings.openMs, PROBING_MS));
    }
    let outcome: Outcome<Value>;
    try {
      outcome = await this.#policy.execute(() => this.#measure(run));
    } catch (thrown) {
      if (isBrokenCircuitError(thrown)) throw this.#rejection(call, this.#openUntil - performance.now());
      throw thrown;
    }
    if (outcome.is === "value") return outcome.value;
    throw outcome.error;
  }

  /** Makes an attempt. Rethrows errors that say nothing about the pool. */
  async #measure<Value>(run: () => Promise<Value>): Promise<Outcome<Value>> {
    const isProbe = this.#policy.state === CircuitState.HalfOpen;
    if (isProbe) this.#probes += 1;
    try {
      return { is: "value", value: await run() };
    } catch (thrown) {
      const error = toSnakepitError(thrown);
      const outcome = circuitOutcome(error, this.#settings.exceptions);
      // A probe without a result must not close the circuit, as cockatiel would.
      if (outcome === "failure" || (outcome === "neither" && isProbe)) return { is: "failure", error };
      if (outcome === "answer") return { is: "answer", error };
      throw thrown;
    }
  }

  #rejection({ tool, correlationId }: PoolCall, remainingMs: number): SnakepitError {
    const retryAfterMs = Math.max(1, Math.ceil(remainingMs));
    const circuit = this.#tool === undefined ? "of the pool" : "of the tool";
    return new SnakepitError(
      "CIRCUIT_OPEN",
      `call of tool "${tool}" in pool "${this.#pool}" was rejected: the circuit ${circuit} is open because too many calls failed; retry in ${retryAfterMs} ms, and see the event circuit.opened for the last failure`,
      { pool: this.#pool, callId: correlationId, details: { retryAfterMs } },
    );
  }
}
