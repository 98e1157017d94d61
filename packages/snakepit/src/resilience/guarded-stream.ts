import type { PoolCall, PoolStream } from "@snakepit/pool";
import type { CircuitGate } from "./circuit.ts";

/**
 * A stream behind a circuit. The first chunk decides: if it arrives, the pool works; if there is a failure instead, the
 * circuit counts it. While the circuit is open, the first `next()` rejects, and the stream has ended.
 */
export class GuardedStream implements PoolStream {
  readonly #chunks: PoolStream;
  readonly #call: PoolCall;
  readonly #circuit: CircuitGate;
  #isStarted = false;

  constructor(chunks: PoolStream, call: PoolCall, circuit: CircuitGate) {
    this.#chunks = chunks;
    this.#call = call;
    this.#circuit = circuit;
  }

  async next(): Promise<IteratorResult<unknown, unknown>> {
    if (this.#isStarted) return await this.#chunks.next();
    this.#isStarted = true;
    try {
      return await this.#circuit.execute(this.#call, () => this.#chunks.next());
    } catch (thrown) {
      // A stream that the circuit rejected has not started, and never will.
      await this.#chunks.return();
      throw thrown;
    }
  }

  async return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    this.#isStarted = true;
    return await this.#chunks.return(value);
  }

  async throw(thrown?: unknown): Promise<IteratorResult<unknown, unknown>> {
    this.#isStarted = true;
    return await this.#chunks.throw(thrown);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStarted = true;
    await this.#chunks[Symbol.asyncDispose]();
  }
}
