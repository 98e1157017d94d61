import { SnakepitError, toSnakepitError } from "@snakepit/core";
import type { ProblemMessage } from "../contract/live.ts";

/** Streams of server-sent events at the same time; more would only come from a mistake. */
const MOST_VIEWERS = 100;

/** Bytes that may wait for one viewer before messages are skipped. */
const MOST_WAITING_BYTES = 1_048_576;

const encoder = new TextEncoder();

/** Encodes one server-sent event. The data is JSON, so it has no line breaks. */
export function serverSentEvent(name: string, json: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(`event: ${name}\ndata: ${json}\n\n`);
}

/** Encodes anything that was thrown, as the event `problem`. */
export function problemEvent(thrown: unknown): Uint8Array<ArrayBuffer> {
  const { code, message } = toSnakepitError(thrown, "INTERNAL");
  const problem: ProblemMessage = { error: { code, message } };
  return serverSentEvent("problem", JSON.stringify(problem));
}

/** A viewer: the connection to a page that receives server-sent events. */
export class Viewer {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #open = true;
  readonly #onClose: () => void;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
    const queue = {
      highWaterMark: MOST_WAITING_BYTES,
      size: (chunk: Uint8Array<ArrayBuffer> | undefined) => chunk?.byteLength ?? 0,
    };
    this.stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.close(),
      },
      queue,
    );
  }

  /** Whether the next message would be sent: the connection is open and not too slow. */
  get isReady(): boolean {
    return this.#open && (this.#controller.desiredSize ?? 0) > 0;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Sends a message. A viewer that is too slow does not receive it. */
  send(message: Uint8Array<ArrayBuffer>): void {
    if (this.isReady) this.#controller.enqueue(message);
  }

  /** Ends the connection. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#onClose();
    // Throws if the stream was cancelled, which has ended it already.
    try {
      this.#controller.close();
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown;
    }
  }
}

/** All viewers of a dashboard, whose number is limited. */
export class Viewers {
  readonly #open = new Set<Viewer>();
  #closed = false;

  get size(): number {
    return this.#open.size;
  }

  /**
   * Adds a viewer.
   *
   * @param onClose called once, when either side ends the connection.
   * @throws SnakepitError `QUOTA_EXCEEDED` when there are too many, `SHUTTING_DOWN` after {@link close}.
   */
  add(onClose: () => void): Viewer {
    if (this.#closed) throw new SnakepitError("SHUTTING_DOWN", "the dashboard is closing; open it again");
    if (this.#open.size >= MOST_VIEWERS) {
      const problem = `the dashboard has ${MOST_VIEWERS} open streams, which is the most`;
      throw new SnakepitError("QUOTA_EXCEEDED", `${problem}; close a page that shows it`);
    }
    const viewer = new Viewer(() => {
      this.#open.delete(viewer);
      onClose();
    });
    this.#open.add(viewer);
    return viewer;
  }

  /** Ends all connections. */
  close(): void {
    this.#closed = true;
    for (const viewer of [...this.#open]) viewer.close();
  }
}
