import { rejectToCaller, type SnakepitError } from "../errors/snakepit-error.ts";
import type { StreamWindow } from "./credit-window.ts";
import { Fifo } from "./fifo.ts";

/** The producer of a {@link CreditedStream}, which calls these methods. None of them may throw. */
export interface StreamSource {
  /** Called when the consumer requests the first value. The source may produce, end or fail during this call. */
  start(): void;
  /** Allows the source to send this many further values, in addition to the `initial` ones of the window. */
  grant(values: number): void;
  /**
   * Called if the consumer leaves before the source has ended. Called at most once, even if the source was never
   * started. `return()` waits for the returned promise, if any, and rejects if the promise rejects.
   */
  cancel(): void | Promise<void>;
  /**
   * Returns an error that replaces the buffered values after the end of the source, for example because the caller's
   * signal has aborted. Called before each of these values. Default: all of them are delivered.
   */
  interruption?(): SnakepitError | undefined;
}

/** Whether an error is delivered at once, instead of the buffered values, or after them. */
export type FailurePlace = "at once" | "in order";

export type StreamState =
  /** No value has been requested. The source may already produce. */
  | { readonly is: "idle" }
  | { readonly is: "open" }
  /** The source has ended. The buffered values, and then the error, if any, are not delivered yet. */
  | { readonly is: "ending"; readonly error: SnakepitError | undefined }
  | { readonly is: "done" };

export type StreamEvent =
  /** The first value was requested. */
  | { readonly is: "started" }
  /** The source ended, with an error if it failed. */
  | { readonly is: "ended"; readonly error: SnakepitError | undefined }
  /** The end, or the error, was delivered. */
  | { readonly is: "delivered" }
  /** The consumer left. */
  | { readonly is: "left" };

const OPEN: StreamState = { is: "open" };
const DONE_STATE: StreamState = { is: "done" };
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Returns the next state of a stream; the same object if the event does not apply. */
export function transition(state: StreamState, event: StreamEvent): StreamState {
  switch (state.is) {
    case "idle":
    case "open":
      switch (event.is) {
        case "started":
          return OPEN;
        case "ended":
          return { is: "ending", error: event.error };
        case "left":
          return DONE_STATE;
        case "delivered":
          return state;
        default:
          return event satisfies never;
      }
    case "ending":
      switch (event.is) {
        case "delivered":
        case "left":
          return DONE_STATE;
        case "started":
        case "ended":
          return state;
        default:
          return event satisfies never;
      }
    case "done":
      return state;
    default:
      return state satisfies never;
  }
}

type End = IteratorReturnResult<undefined>;
type Reader<Result> = (result: Result | Promise<End>) => void;

/**
 * The receiving end of a stream with back-pressure: values that a source pushes, read with `for await` or `next()`.
 *
 * - The source is ahead of the consumer by at most a window: it receives credit as values are consumed.
 * - Concurrent calls of `next()` are answered in order.
 * - An error is delivered once, to one `next()`; all later calls resolve with `done`.
 * - `return()`, `throw()` and disposal end the stream at once, resolve pending calls of `next()`, drop the buffered
 *   values and cancel the source.
 *
 * @example
 * const stream = new CreditedStream<number>(source, new CreditWindow());
 * source.onMessage((value, byteLength) => stream.push(value, byteLength));
 * source.onEnd((error) => (error === undefined ? stream.end() : stream.fail(error)));
 */
export class CreditedStream<Value, Return = undefined>
  implements AsyncIterableIterator<Value, Return | undefined>, AsyncDisposable
{
  readonly #source: StreamSource;
  readonly #window: StreamWindow;
  /** Values that have not been requested. */
  readonly #values = new Fifo<Value>();
  /** Pending calls of `next()`. One of the two queues is always empty. */
  readonly #readers = new Fifo<Reader<IteratorResult<Value, Return | undefined>>>();
  #state: StreamState = { is: "idle" };

  /**
   * @param source the producer.
   * @param window determines how far the source may be ahead of the consumer.
   */
  constructor(source: StreamSource, window: StreamWindow) {
    this.#source = source;
    this.#window = window;
  }

  /** The number of values that the source may still send. The link enforces this limit. */
  get outstanding(): number {
    return this.#window.outstanding;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Value, Return | undefined>> {
    if (this.#state.is === "idle") {
      this.#apply({ is: "started" });
      this.#source.start();
    } else if (this.#state.is === "ending") {
      const interruption = this.#source.interruption?.();
      if (interruption !== undefined) return Promise.resolve(this.#deliverEnd(interruption));
    }
    if (this.#values.length > 0) {
      const value = this.#values.shift() as Value;
      this.#consumed();
      return Promise.resolve({ done: false, value });
    }
    switch (this.#state.is) {
      case "idle":
      case "open":
        return new Promise((resolve) => {
          this.#readers.push(resolve);
          const credit = this.#window.awaited();
          if (credit > 0) this.#source.grant(credit);
        });
      case "ending":
        return Promise.resolve(this.#deliverEnd(this.#state.error));
      case "done":
        return doneAfterRejection();
      default:
        return this.#state satisfies never;
    }
  }

  async return(value?: Return): Promise<IteratorReturnResult<Return | undefined>> {
    await this.#leave();
    return { done: true, value };
  }

  async throw(thrown?: unknown): Promise<IteratorReturnResult<Return | undefined>> {
    await this.#leave();
    throw thrown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
  }

  /**
   * Adds a value. Ignored after the end.
   *
   * @param byteLength the size of the value, for windows that depend on it. Default: 0.
   */
  push(value: Value, byteLength = 0): void {
    if (this.#state.is === "ending" || this.#state.is === "done") return;
    this.#window.arrived(byteLength);
    const reader = this.#readers.shift();
    if (reader === undefined) {
      this.#values.push(value);
      return;
    }
    reader({ done: false, value });
    this.#consumed();
  }

  /** Ends the stream after the buffered values. Ignored after the end. */
  end(): void {
    this.#finish(undefined);
  }

  /** Ends the stream with an error. Ignored after the end. */
  fail(error: SnakepitError, place: FailurePlace = "in order"): void {
    if (place === "at once" && this.#state.is !== "ending") this.#dropValues();
    this.#finish(error);
  }

  #apply(event: StreamEvent): boolean {
    const before = this.#state;
    this.#state = transition(before, event);
    return this.#state !== before;
  }

  #consumed(): void {
    const credit = this.#window.consumed();
    if (credit > 0 && this.#state.is !== "ending") this.#source.grant(credit);
  }

  /**
   * Pending calls of `next()` exist only if no value is buffered: the first one receives the error, the others the end.
   */
  #finish(error: SnakepitError | undefined): void {
    if (!this.#apply({ is: "ended", error })) return;
    const first = this.#readers.shift();
    if (first === undefined) return;
    first(this.#deliverEnd(error));
    if (this.#readers.length > 0) this.#endReaders(error === undefined ? DONE : doneAfterRejection());
  }

  #deliverEnd(error: SnakepitError | undefined): End | Promise<never> {
    this.#apply({ is: "delivered" });
    this.#dropValues();
    return error === undefined ? DONE : rejectToCaller(error);
  }

  #leave(): void | Promise<void> {
    const sourceEnded = this.#state.is === "ending";
    if (!this.#apply({ is: "left" })) return;
    this.#dropValues();
    this.#endReaders(DONE);
    if (!sourceEnded) return this.#source.cancel();
  }

  #endReaders(end: End | Promise<End>): void {
    for (let reader = this.#readers.shift(); reader !== undefined; reader = this.#readers.shift()) reader(end);
  }

  #dropValues(): void {
    if (this.#values.length > 0) this.#values.clear();
  }
}

/** Returns the end for the readers after the one with the error; takes as many turns as {@link rejectToCaller}. */
function doneAfterRejection(): Promise<End> {
  return Promise.resolve()
    .then(() => {})
    .then(() => DONE);
}
