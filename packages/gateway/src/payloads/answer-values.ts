import { encodeValue, type Payload, PayloadFormat } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import type { ForeignFormat } from "./foreign-payload.ts";
import { encodeJson } from "./json-value.ts";

/** An encoded value for a client, with its attachments. */
export interface AnswerValue {
  readonly value: Payload;
  readonly attachments: Uint8Array[];
}

/** Encodes the values of one message in the format that the client requested. */
export class AnswerValues {
  readonly #format: ForeignFormat;
  readonly #maxBytes: number;
  #bytes = 0;

  /** @param maxBytes the limit of the total size of the values of the message. */
  constructor(format: ForeignFormat, maxBytes: number) {
    this.#format = format;
    this.#maxBytes = maxBytes;
  }

  /**
   * Encodes a value.
   *
   * @param root the name of the value in messages.
   * @throws SnakepitError `SERIALIZATION` when the format cannot represent it, `PAYLOAD_TOO_LARGE`.
   */
  write(value: unknown, root: string): AnswerValue {
    const format = this.#format;
    if (format === PayloadFormat.JSON) {
      const body = encodeJson(value, root, this.#maxBytes);
      this.#count(body.byteLength);
      return { value: { format, body, bufferLengths: [] }, attachments: [] };
    }
    const { body, buffers, byteLength } = encodeValue(value, { root, maxBytes: this.#maxBytes });
    this.#count(byteLength);
    const bufferLengths = buffers.map((buffer) => buffer.byteLength);
    return { value: { format, body, bufferLengths }, attachments: [...buffers] };
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#maxBytes) return;
    throw new SnakepitError(
      "PAYLOAD_TOO_LARGE",
      `the values of the answer exceed ${this.#maxBytes} bytes; request fewer values at once`,
    );
  }
}
