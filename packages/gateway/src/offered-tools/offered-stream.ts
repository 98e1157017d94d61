import { CreditedStream, FixedWindow, type SnakepitError, type StreamSource } from "@snakepit/core";

/** The number of chunks that the client may send ahead of the consumer. */
const WINDOW = 16;

/** Receives the requests of a stream to the client. */
export interface StreamEvents {
  /** Grants the client this many more chunks. */
  granted(chunks: number): void;
  /** The consumer left the stream; the client can stop. */
  left(): void;
}

/** A call of a tool that a client answers with chunks. It is sent before its first chunk is requested. */
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

  /** Fails the stream after the chunks that have arrived. */
  fail(error: SnakepitError): void {
    this.chunks.fail(error);
  }

  /** See {@link StreamSource}. The call has been sent already. */
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
