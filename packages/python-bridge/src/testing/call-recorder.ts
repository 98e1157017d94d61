import type { CallObserver, CallOutcome } from "@snakepit/core";

/** Records the chunks and outcomes of a call. */
export class CallRecorder implements CallObserver {
  readonly chunks: { readonly value: unknown; readonly byteLength: number }[] = [];
  readonly outcomes: CallOutcome[] = [];
  /** Resolves with the first outcome. */
  readonly over: Promise<CallOutcome>;
  readonly #resolve: (outcome: CallOutcome) => void;
  #whenChunks: { readonly count: number; readonly resolve: () => void } | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<CallOutcome>();
    this.over = promise;
    this.#resolve = resolve;
  }

  chunk(value: unknown, byteLength: number): void {
    this.chunks.push({ value, byteLength });
    if (this.chunks.length === this.#whenChunks?.count) this.#whenChunks.resolve();
  }

  settled(outcome: CallOutcome): void {
    this.outcomes.push(outcome);
    this.#resolve(outcome);
  }

  /** Resolves when `count` chunks have arrived. */
  async atLeast(count: number): Promise<void> {
    if (this.chunks.length >= count) return;
    await new Promise<void>((resolve) => {
      this.#whenChunks = { count, resolve };
    });
  }
}
