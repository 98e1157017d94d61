import type { Socket } from "node:net";

/** Makes calls over a plain socket: sends a 4-byte length and a body, and receives the same, in order. */
export class RawCaller {
  readonly #socket: Socket;
  readonly #record: Buffer;
  readonly #waiting: (() => void)[] = [];
  #answered = 0;
  #received = 0;

  constructor(socket: Socket, bodyBytes: number) {
    this.#socket = socket;
    this.#record = Buffer.alloc(4 + bodyBytes, 1);
    this.#record.writeUInt32BE(bodyBytes, 0);
    socket.on("data", (data: Buffer) => this.#onData(data));
  }

  call(): Promise<void> {
    this.#socket.write(this.#record);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #onData(data: Buffer): void {
    this.#received += data.length;
    while (this.#received >= this.#record.length) {
      this.#received -= this.#record.length;
      this.#waiting[this.#answered]?.();
      this.#answered += 1;
    }
    // Settled calls are removed in blocks: removing each with shift() would cost more than the call.
    if (this.#answered > 1_024) {
      this.#waiting.splice(0, this.#answered);
      this.#answered = 0;
    }
  }
}
