import type { Fallback, Instrumentation, ResolvedPoolConfig, ToolDescriptor } from "@snakepit/core";
import type { PoolCall, PoolStream } from "@snakepit/pool";
import type { CallOptions, ToolArguments } from "../calling/call-options.ts";
import type { CircuitGate } from "./circuit.ts";
import { checkFallback, fallBack, type PoolExecutor } from "./fallback.ts";
import { GuardedStream } from "./guarded-stream.ts";
import { type Attempt, Retrier } from "./retrier.ts";

/** What one call requires in addition to its execution. */
export interface CallTerms {
  /** Whether the call may be executed twice. */
  readonly isIdempotent: boolean;
  readonly fallback: Fallback | undefined;
}

/** The collaborators of a {@link CallGuard}. */
export interface GuardParts {
  readonly pool: string;
  readonly config: ResolvedPoolConfig;
  readonly instrumentation: Instrumentation;
  /** The circuit breaker of the pool, if it has one. */
  readonly circuit: CircuitGate | undefined;
  /** The pools of the host, by name. */
  readonly executors: ReadonlyMap<string, PoolExecutor>;
}

/**
 * Executes the calls of a pool that require more than one attempt of the pool: each attempt passes the circuit, calls
 * that may be executed twice are retried, and calls that fail in the end have a fallback. Other calls do not use it.
 */
export class CallGuard {
  /** Whether calls without options require it, too. */
  readonly isAlwaysUsed: boolean;
  readonly #parts: GuardParts;
  readonly #retrier: Retrier;

  constructor(parts: GuardParts) {
    const { config, circuit, instrumentation } = parts;
    this.#parts = parts;
    this.#retrier = new Retrier(config.retry, instrumentation);
    this.isAlwaysUsed = circuit !== undefined || config.fallback !== undefined;
  }

  /**
   * Returns what a call requires; `undefined` if the pool only has to execute it.
   *
   * @param settings the tool, if it has settings.
   * @throws SnakepitError `INVALID_ARGUMENT` or `UNKNOWN_POOL` for an invalid fallback of the call.
   */
  termsOf(options: CallOptions | undefined, settings: ToolDescriptor | undefined): CallTerms | undefined {
    const { pool, config, executors } = this.#parts;
    const isIdempotent = options?.idempotent ?? settings?.idempotent ?? false;
    if (options?.fallback !== undefined) checkFallback(options.fallback, pool, executors);
    const fallback = options?.fallback ?? config.fallback;
    const isPlain = !this.isAlwaysUsed && fallback === undefined && !(isIdempotent && this.#retrier.isEnabled);
    return isPlain ? undefined : { isIdempotent, fallback };
  }

  /**
   * Executes a call.
   *
   * @param args the arguments as the caller passed them, for a fallback function.
   * @param run makes one attempt.
   */
  async execute(
    call: PoolCall,
    args: ToolArguments,
    { isIdempotent, fallback }: CallTerms,
    run: Attempt,
  ): Promise<unknown> {
    const { pool, circuit, executors } = this.#parts;
    const attempt: Attempt = circuit === undefined ? run : (each) => circuit.execute(each, () => run(each));
    try {
      return await (isIdempotent ? this.#retrier.execute(call, pool, attempt) : attempt(call));
    } catch (thrown) {
      if (fallback === undefined) throw thrown;
      return await fallBack({ pool, call, args, isIdempotent }, thrown, fallback, executors);
    }
  }

  /** Returns a stream behind the circuit, if the pool has one. */
  stream(chunks: PoolStream, call: PoolCall): PoolStream {
    const { circuit } = this.#parts;
    return circuit === undefined ? chunks : new GuardedStream(chunks, call, circuit);
  }

  /** Ends the delays before further attempts, which the closing pool rejects. */
  close(): void {
    this.#retrier.endDelays();
  }
}
