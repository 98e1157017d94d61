import { constants } from "node:os";
import { ENDING_SIGNALS, type EndingSignal, endBySignal } from "../script/run-script.ts";

/**
 * Handles the signals that end a command: the first one aborts {@link signal}, the next one ends the process. Without
 * handling, they end the process immediately.
 */
export class Interruption {
  readonly #abort = new AbortController();
  readonly #onSignal = (signal: NodeJS.Signals) => this.#receive(signal as EndingSignal);
  #received: EndingSignal | undefined;

  /** Starts to handle signals, until {@link stop}. */
  start(): void {
    for (const signal of ENDING_SIGNALS) process.on(signal, this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Stops handling signals. */
  stop(): void {
    for (const signal of ENDING_SIGNALS) process.off(signal, this.#onSignal);
  }

  /** Ends the process by the received signal, so that a shell detects it; returns `false` if it received no signal. */
  endProcess(): boolean {
    if (this.#received === undefined) return false;
    this.stop();
    endBySignal(this.#received);
    return true;
  }

  #receive(signal: EndingSignal): void {
    if (this.#received !== undefined) process.exit(128 + constants.signals[signal]);
    this.#received = signal;
    this.#abort.abort(signal);
  }
}
