import { rejectToCaller, type SnakepitError } from "@snakepit/core";
import { cancelled } from "../calls/call-errors.ts";
import { Fifo } from "../fifo.ts";
import type { PoolCall } from "../pool-call.ts";
import type { Scheduler } from "../scheduling/scheduler.ts";
import { type ChunkSink, StreamCall } from "./stream-call.ts";

type Result = IteratorResult<unknown, unknown>;
type Waiting = (result: Result | Promise<never>) => void;

type StreamState =
  /** Nobody has asked for a chunk: the call has not been made. */
  | { readonly is: "idle" }
  | { readonly is: "flowing" }
  /** The worker is done; what it sent is still to be consumed, then the error, if any. */
  | { readonly is: "ending"; readonly error: SnakepitError | undefined }
  | { readonly is: "over" };

const IDLE: StreamState = { is: "idle" };
const FLOWING: StreamState = { is: "flowing" };
const OVER: StreamState = { is: "over" };
const DONE: Result = { done: true, value: undefined };

/**
 * The chunks of one streaming call, as its consumer sees them. The call is made with the first `next()`, so a stream that
 * nobody reads holds no worker. Leaving it (`return()`, which `for await` calls on the way out) cancels the call.
 */
export class ChunkStream implements AsyncIterableIterator<unknown, unknown>, AsyncDisposable, ChunkSink {
  readonly #scheduler: Scheduler;
  readonly #call: StreamCall;
  /** Chunks that nobody has asked for yet. */
  readonly #chunks = new Fifo<unknown>();
  /** Consumers that wait for a chunk. One of the two is empty at any time. */
  readonly #waiting = new Fifo<Waiting>();
  #state: StreamState = IDLE;

  constructor(scheduler: Scheduler, request: PoolCall) {
    this.#scheduler = scheduler;
    this.#call = new StreamCall(scheduler, request, this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    if (this.#state.is === "idle") this.#begin();
    // The worker may have been done before the signal aborted.
    else if (this.#state.is === "ending" && this.#call.signal?.aborted === true) this.#cut(cancelled(this.#call));
    if (this.#chunks.length > 0) {
      const value = this.#chunks.shift();
      this.#call.consumed();
      return Promise.resolve({ done: false, value });
    }
    switch (this.#state.is) {
      case "ending": {
        const { error } = this.#state;
        this.#state = OVER;
        return error === undefined ? Promise.resolve(DONE) : rejectToCaller(error);
      }
      case "over":
        return Promise.resolve(DONE);
      case "idle":
      case "flowing":
        return new Promise((resolve) => this.#waiting.push(resolve));
      default:
        return this.#state satisfies never;
    }
  }

  return(value?: unknown): Promise<Result> {
    this.#leave();
    return Promise.resolve({ done: true, value });
  }

  throw(thrown?: unknown): Promise<Result> {
    this.#leave();
    return Promise.reject(thrown);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave();
  }

  chunk(value: unknown): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#chunks.push(value);
      return;
    }
    waiting({ done: false, value });
    this.#call.consumed();
  }

  end(): void {
    if (this.#state.is !== "over") this.#finish(undefined);
  }

  fail(error: SnakepitError, when: "at once" | "in order"): void {
    if (when === "at once") this.#cut(error);
    else this.#finish(error);
  }

  #begin(): void {
    this.#state = FLOWING;
    try {
      this.#scheduler.admit(this.#call);
    } catch (refusal) {
      // admit() throws nothing else.
      this.#finish(refusal as SnakepitError);
    }
  }

  #leave(): void {
    this.#state = OVER;
    this.#chunks.clear();
    this.#scheduler.giveUp(this.#call, "cancelled");
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) waiting(DONE);
  }

  /** Ends the stream without what has not been consumed. */
  #cut(error: SnakepitError): void {
    this.#chunks.clear();
    this.#finish(error);
  }

  /** No more chunks will come. Of those who wait for one, the first gets the error. */
  #finish(error: SnakepitError | undefined): void {
    this.#state = { is: "ending", error };
    const first = this.#waiting.shift();
    if (first === undefined) return;
    this.#state = OVER;
    first(error === undefined ? DONE : rejectToCaller(error));
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) waiting(DONE);
  }
}
