import { encodeValue } from "@snakepit/bridge-proto";
import type { EncodedValue, HostRequests, WorkerRequest } from "@snakepit/core";

/** Answers requests with functions of the test, and records them. */
export class ScriptedRequests implements HostRequests {
  readonly received: WorkerRequest[] = [];
  /** Answers a request with a value. */
  answer: (request: WorkerRequest) => unknown = () => null;
  /** Answers a request with a stream. */
  produce: (request: WorkerRequest) => AsyncIterable<unknown> = noChunks;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  async handle(request: WorkerRequest): Promise<EncodedValue> {
    this.#record(request);
    return encodeValue(await this.answer(request));
  }

  stream(request: WorkerRequest): AsyncIterable<EncodedValue> {
    this.#record(request);
    return encoded(this.produce(request));
  }

  /** The `index`th request, once it has arrived. */
  async request(index: number): Promise<WorkerRequest> {
    if (this.received.length <= index) {
      await new Promise<void>((resolve) => this.#waiting.push({ count: index + 1, resolve }));
    }
    return this.received[index]!;
  }

  /** Forgets everything, for the next test with the same host. */
  reset(): void {
    this.received.length = 0;
    this.answer = () => null;
    this.produce = noChunks;
    this.#waiting = [];
  }

  #record(request: WorkerRequest): void {
    this.received.push(request);
    for (const { count, resolve } of this.#waiting) if (count === this.received.length) resolve();
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function* encoded(values: AsyncIterable<unknown>): AsyncGenerator<EncodedValue> {
  for await (const value of values) yield encodeValue(value);
}

async function* noChunks(): AsyncGenerator<never> {}
