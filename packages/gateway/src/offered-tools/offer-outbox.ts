import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { OfferToolsResponse } from "@snakepit/bridge-proto/grpc";

type Message = NonNullable<OfferToolsResponse["message"]>;

/**
 * What goes to a client that offers tools. Calls wait here, one by one, while the client does not read, and those that are
 * given up meanwhile are never sent: a client that has stopped reading fills no memory with calls of long ago.
 */
export class OfferOutbox {
  readonly #stream: ServerDuplexStream<unknown, OfferToolsResponse>;
  readonly #calls = new Map<number, Message>();
  #hasRoom = true;

  constructor(stream: ServerDuplexStream<unknown, OfferToolsResponse>) {
    this.#stream = stream;
    stream.on("drain", () => this.#sendWaiting());
  }

  /** Sends something small: at most a few for each call. */
  send(message: Message): void {
    if (!this.#stream.write({ message })) this.#hasRoom = false;
  }

  /** Sends a call as soon as there is room. */
  sendCall(id: number, message: Message): void {
    if (this.#hasRoom) this.send(message);
    else this.#calls.set(id, message);
  }

  /** Forgets a call, and says whether that was in time. */
  takeBack(id: number): boolean {
    return this.#calls.delete(id);
  }

  #sendWaiting(): void {
    this.#hasRoom = true;
    for (const [id, message] of this.#calls) {
      if (!this.#hasRoom) return;
      this.#calls.delete(id);
      this.send(message);
    }
  }
}
