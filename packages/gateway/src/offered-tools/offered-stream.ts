import { CreditedStream, FixedWindow, type SnakepitError, type StreamSource } from "@snakepit/core";

/** Chunks that the client may be ahead of the consumer. */
const WINDOW = 16;

/** Where the requests to the client go. */
export interface StreamEvents {
  /** The client may send this many chunks more. */
  granted(chunks: number): void;
  /** The rest is not needed. */
  left(): void;
}

/** A call of a tool that a client answers with chunks. It is under way already when the first chunk is asked for. */
export class OfferedStream implements StreamSource {
  readonly streaming = true;
  readonly tool: string;
  readonly credit = WINDOW;
  readonly chunks: CreditedStream<unknown> = new CreditedStream(this, new FixedWindow(WINDOW, WINDOW / 2));
  readonly #events: StreamEvents;

  constructor(tool: string, events: StreamEvents) {
    this.tool = tool;
    this.#events = events;
  }

  /** Whether the client may send a chunk. */
  get hasRoom(): boolean {
    return this.chunks.outstanding > 0;
  }

  push(chunk: unknown): void {
    this.chunks.push(chunk);
  }

  end(): void {
    this.chunks.end();
  }

  /** Fails after the chunks that have arrived. */
  fail(error: SnakepitError): void {
    this.chunks.fail(error);
  }

  /** See {@link StreamSource}; the client has been called before. */
  start(): void {}

  /** See {@link StreamSource}. */
  grant(chunks: number): void {
    this.#events.granted(chunks);
  }

  /** See {@link StreamSource}. */
  cancel(): void {
    this.#events.left();
  }
}
