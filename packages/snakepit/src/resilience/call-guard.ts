import type { Instrumentation, ResolvedPoolConfig, ToolDescriptor } from "@snakepit/core";
import type { PoolCall } from "@snakepit/pool";
import type { CallOptions } from "../calling/call-options.ts";
import { type Attempt, Retrier } from "./retrier.ts";

/** What one call requires in addition to its execution. */
export interface CallTerms {
  /** Whether the call may be executed twice. */
  readonly idempotent: boolean;
}

/** Executes the calls of a pool that require more than one attempt of the pool. Other calls do not use it. */
export class CallGuard {
  readonly #pool: string;
  readonly #retrier: Retrier;

  constructor(pool: string, config: ResolvedPoolConfig, instrumentation: Instrumentation) {
    this.#pool = pool;
    this.#retrier = new Retrier(config.retry, instrumentation);
  }

  /**
   * Returns what a call requires; `undefined` if the pool only has to execute it.
   *
   * @param settings the tool, if it has settings.
   */
  termsOf(options: CallOptions | undefined, settings: ToolDescriptor | undefined): CallTerms | undefined {
    const idempotent = this.#retrier.isEnabled && (options?.idempotent ?? settings?.idempotent ?? false);
    return idempotent ? { idempotent } : undefined;
  }

  /** Executes a call; `run` makes one attempt. */
  execute(call: PoolCall, _terms: CallTerms, run: Attempt): Promise<unknown> {
    return this.#retrier.execute(call, this.#pool, run);
  }

  /** Ends the delays before further attempts, which the closing pool rejects. */
  close(): void {
    this.#retrier.endDelays();
  }
}
