import type { PoolStream } from "@snakepit/pool";

const DONE: IteratorResult<unknown, unknown> = { done: true, value: undefined };

/** A stream whose call is made once its session has been asked for, when the first chunk is. */
export class SessionStream implements PoolStream {
  readonly #open: () => Promise<PoolStream>;
  #opening: Promise<PoolStream> | undefined;
  #stream: PoolStream | undefined;
  #isLeft = false;

  /** @param open asks for the session, and rejects when there is none. Called once. */
  constructor(open: () => Promise<PoolStream>) {
    this.#open = open;
  }

  async next(): Promise<IteratorResult<unknown, unknown>> {
    if (this.#isLeft) return DONE;
    this.#opening ??= this.#open();
    this.#stream = await this.#opening;
    // Whoever left meanwhile has had nothing to cancel.
    return this.#isLeft ? DONE : await this.#stream.next();
  }

  return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    this.#isLeft = true;
    return this.#stream?.return(value) ?? Promise.resolve({ done: true, value });
  }

  throw(thrown?: unknown): Promise<IteratorResult<unknown, unknown>> {
    this.#isLeft = true;
    return this.#stream?.throw(thrown) ?? Promise.reject(thrown);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
