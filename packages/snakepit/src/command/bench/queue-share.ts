import {
  type CallInfo,
  type CallTrace,
  type Instrumentation,
  noInstrumentation,
  type SnakepitError,
} from "@snakepit/core";

/** Measures which part of the latency of successful calls was spent before they were sent to a worker. */
export class QueueShare implements Instrumentation {
  readonly #tool: () => string;
  #queuedMs = 0;
  #totalMs = 0;
  #isMeasuring = false;

  /** @param tool returns the name of the tool; calls of other tools are not measured. */
  constructor(tool: () => string) {
    this.#tool = tool;
  }

  readonly emit = noInstrumentation.emit;

  /** Starts a measurement. */
  begin(): void {
    this.#queuedMs = 0;
    this.#totalMs = 0;
    this.#isMeasuring = true;
  }

  /** Ends the measurement; returns a number from 0 to 1, or `null` without calls. */
  end(): number | null {
    this.#isMeasuring = false;
    return this.#totalMs === 0 ? null : this.#queuedMs / this.#totalMs;
  }

  startCall({ tool }: CallInfo): CallTrace | undefined {
    if (tool !== this.#tool()) return undefined;
    const startedAt = performance.now();
    let dispatchedAt = startedAt;
    return {
      traceparent: undefined,
      // The last time counts: a call that was recalled from a worker waits again.
      dispatched: () => {
        dispatchedAt = performance.now();
      },
      ended: (error?: SnakepitError) => {
        if (error !== undefined || !this.#isMeasuring) return;
        this.#queuedMs += dispatchedAt - startedAt;
        this.#totalMs += performance.now() - startedAt;
      },
    };
  }
}
