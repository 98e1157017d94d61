import { decodeValue, type Payload, PayloadFormat } from "@snakepit/bridge-proto";
import { type EncodedValue, SnakepitError } from "@snakepit/core";

const NO_LENGTHS: number[] = [];

/** Returns the Payload message of a value. Its buffers are sent after the batch. */
export function payloadOfValue({ body, buffers }: EncodedValue): Payload {
  const bufferLengths = buffers.length === 0 ? NO_LENGTHS : buffers.map((buffer) => buffer.byteLength);
  return { format: PayloadFormat.MESSAGEPACK, body, bufferLengths };
}

/**
 * Decodes a value that a worker sent.
 *
 * @throws SnakepitError `SERIALIZATION` if it cannot be decoded.
 */
export function valueOfPayload(payload: Payload, buffers: readonly Uint8Array[]): unknown {
  if (payload.format !== PayloadFormat.MESSAGEPACK) {
    throw new SnakepitError(
      "SERIALIZATION",
      `the format of a worker's value must be MessagePack; got ${payload.format}`,
    );
  }
  return decodeValue(payload.body, buffers);
}
