import type { PoolStream } from "@snakepit/pool";

/** A stream whose call is made once its session has been asked for, when the first chunk is. */
export class SessionStream implements PoolStream {
  readonly #admitted: () => Promise<void>;
  readonly #stream: PoolStream;
  #admission: Promise<void> | undefined;

  constructor(stream: PoolStream, admitted: () => Promise<void>) {
    this.#stream = stream;
    this.#admitted = admitted;
  }

  async next(): Promise<IteratorResult<unknown, unknown>> {
    this.#admission ??= this.#admitted();
    try {
      await this.#admission;
    } catch (thrown) {
      await this.#stream.return();
      throw thrown;
    }
    return await this.#stream.next();
  }

  return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    return this.#stream.return(value);
  }

  throw(thrown?: unknown): Promise<IteratorResult<unknown, unknown>> {
    return this.#stream.throw(thrown);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
