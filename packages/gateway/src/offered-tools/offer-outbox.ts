import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { OfferToolsResponse } from "../grpc.ts";

type Message = NonNullable<OfferToolsResponse["message"]>;

/**
 * The messages to a client that offers tools. Calls are queued while the client does not read. A call that is cancelled
 * in the queue is never sent, so a client that has stopped reading does not fill the memory with old calls.
 */
export class OfferOutbox {
  readonly #stream: ServerDuplexStream<unknown, OfferToolsResponse>;
  readonly #calls = new Map<number, Message>();
  #hasRoom = true;

  constructor(stream: ServerDuplexStream<unknown, OfferToolsResponse>) {
    this.#stream = stream;
    stream.on("drain", () => this.#sendQueued());
  }

  /** Sends a message without waiting for room. Only for small messages, of which a call has few. */
  send(message: Message): void {
    if (!this.#stream.write({ message })) this.#hasRoom = false;
  }

  /** Sends a call, or queues it until the stream has room. */
  sendCall(id: number, message: Message): void {
    if (this.#hasRoom) this.send(message);
    else this.#calls.set(id, message);
  }

  /** Removes a call from the queue. Returns whether it had not been sent yet. */
  removeQueued(id: number): boolean {
    return this.#calls.delete(id);
  }

  #sendQueued(): void {
    this.#hasRoom = true;
    for (const [id, message] of this.#calls) {
      if (!this.#hasRoom) return;
      this.#calls.delete(id);
      this.send(message);
    }
  }
}
