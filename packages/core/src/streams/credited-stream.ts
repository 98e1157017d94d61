import { rejectToCaller, type SnakepitError } from "../errors/snakepit-error.ts";
import type { StreamWindow } from "./credit-window.ts";
import { Fifo } from "./fifo.ts";

/** The producer of a {@link CreditedStream}, which calls these methods. None of them may throw. */
export interface StreamSource {
  /** The consumer asked for the first value. The source may produce, end or fail from within this call. */
  start(): void;
  /** The source may send this many values more, in addition to those of the window's `initial`. */
  grant(values: number): void;
  /**
   * The consumer left before the source had ended: no more values are needed. Called at most once, also when the source
   * was never started. `return()` waits for the promise, if there is one, and rejects when it does.
   */
  cancel(): void | Promise<void>;
  /**
   * Returns why values that arrived before the end must not be delivered any more, for example because the caller's signal
   * has aborted since. Asked before each of them once the source has ended. By default all of them are delivered.
   */
  interruption?(): SnakepitError | undefined;
}

/** Whether an error is delivered at once, in place of values that wait, or after them. */
export type FailurePlace = "at once" | "in order";

export type StreamState =
  /** No value has been asked for. A source may produce all the same. */
  | { readonly is: "idle" }
  | { readonly is: "open" }
  /** The source is done. The values that wait are still to be delivered, and then the error, if any. */
  | { readonly is: "ending"; readonly error: SnakepitError | undefined }
  | { readonly is: "over" };

export type StreamEvent =
  /** The first value was asked for. */
  | { readonly is: "started" }
  /** The source ended, with an error if it failed. */
  | { readonly is: "ended"; readonly error: SnakepitError | undefined }
  /** The end, or the error, was delivered. */
  | { readonly is: "delivered" }
  /** The consumer left. */
  | { readonly is: "left" };

const OPEN: StreamState = { is: "open" };
const OVER: StreamState = { is: "over" };
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** The only function that changes the state of a stream; the same object when the event does not apply. */
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
          return OVER;
        case "delivered":
          return state;
        default:
          return event satisfies never;
      }
    case "ending":
      switch (event.is) {
        case "delivered":
        case "left":
          return OVER;
        case "started":
        case "ended":
          return state;
        default:
          return event satisfies never;
      }
    case "over":
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
 * - The source may be ahead of the consumer by a window only: it gets credit as values are consumed.
 * - Calls of `next()` may overlap. They are answered in the order in which they were made.
 * - An error is delivered once, to one `next()`; all later ones resolve with `done`.
 * - `return()`, `throw()` and disposal end the stream at once, also for a `next()` that waits, drop what was not consumed
 *   and cancel the source.
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
  /** Values that have not been asked for. */
  readonly #values = new Fifo<Value>();
  /** Calls of `next()` that wait for a value. One of the two queues is empty at any time. */
  readonly #readers = new Fifo<Reader<IteratorResult<Value, Return | undefined>>>();
  #state: StreamState = { is: "idle" };

  /**
   * @param source the producer.
   * @param window how far the source may be ahead of the consumer.
   */
  constructor(source: StreamSource, window: StreamWindow) {
    this.#source = source;
    this.#window = window;
  }

  /** Values that the source may still send. One that sends more breaks the protocol; enforcing that is up to the link. */
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
      case "over":
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
   * @param byteLength size of the value, for windows that follow it; 0 by default.
   */
  push(value: Value, byteLength = 0): void {
    if (this.#state.is === "ending" || this.#state.is === "over") return;
    this.#window.arrived(byteLength);
    const reader = this.#readers.shift();
    if (reader === undefined) {
      this.#values.push(value);
      return;
    }
    reader({ done: false, value });
    this.#consumed();
  }

  /** The source has sent its last value. Ignored after the end. */
  end(): void {
    this.#finish(undefined);
  }

  /** The source failed. Ignored after the end. */
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

  /** Calls of `next()` wait only while no value does: the first of them gets the error, the others find the end. */
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

/** The end for readers behind the one that gets the error: takes as many turns as {@link rejectToCaller}. */
function doneAfterRejection(): Promise<End> {
  return Promise.resolve()
    .then(() => {})
    .then(() => DONE);
}
