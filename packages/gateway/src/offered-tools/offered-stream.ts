import type { SnakepitError } from "@snakepit/core";

/** Chunks that the client may be ahead of whoever takes them. */
const WINDOW = 16;

/** The client is told of more room when there is this much. */
const GRANT = WINDOW / 2;

/** What a call does that is answered with chunks. */
export interface StreamEvents {
  /** The client may send this many chunks more. */
  granted(chunks: number): void;
  /** Nobody wants the rest. */
  left(): void;
}

type End =
  | { readonly is: "open" }
  | { readonly is: "ended" }
  | { readonly is: "failed"; readonly error: SnakepitError };

/** A call of a tool that a client has to answer with chunks: they are taken from here one after another. */
export class OfferedStream implements AsyncIterableIterator<unknown, void> {
  readonly streaming = true;
  readonly tool: string;
  readonly credit = WINDOW;
  readonly #events: StreamEvents;
  readonly #chunks: unknown[] = [];
  #room = WINDOW;
  #toGrant = 0;
  #end: End = { is: "open" };
  #taker: PromiseWithResolvers<IteratorResult<unknown, void>> | undefined;

  constructor(tool: string, events: StreamEvents) {
    this.tool = tool;
    this.#events = events;
  }

  /** Whether the client may send a chunk. */
  get hasRoom(): boolean {
    return this.#room > 0;
  }

  push(chunk: unknown): void {
    this.#room--;
    if (this.#taker === undefined) {
      this.#chunks.push(chunk);
      return;
    }
    this.#taker.resolve({ done: false, value: chunk });
    this.#taker = undefined;
    this.#taken();
  }

  end(): void {
    this.#end = { is: "ended" };
    this.#taker?.resolve({ done: true, value: undefined });
    this.#taker = undefined;
  }

  /** Fails after the chunks that are there. */
  fail(error: SnakepitError): void {
    this.#end = { is: "failed", error };
    this.#taker?.reject(error);
    this.#taker = undefined;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** To be called again when the last one has been answered. */
  next(): Promise<IteratorResult<unknown, void>> {
    if (this.#chunks.length > 0) {
      const value = this.#chunks.shift();
      this.#taken();
      return Promise.resolve({ done: false, value });
    }
    switch (this.#end.is) {
      case "open":
        this.#taker = Promise.withResolvers();
        return this.#taker.promise;
      case "ended":
        return Promise.resolve({ done: true, value: undefined });
      case "failed":
        return Promise.reject(this.#end.error);
      default:
        return this.#end satisfies never;
    }
  }

  return(): Promise<IteratorResult<unknown, void>> {
    this.#chunks.length = 0;
    if (this.#end.is === "open") {
      this.end();
      this.#events.left();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  #taken(): void {
    this.#toGrant++;
    if (this.#end.is !== "open" || this.#toGrant < GRANT) return;
    const chunks = this.#toGrant;
    this.#toGrant = 0;
    this.#room += chunks;
    this.#events.granted(chunks);
  }
}
