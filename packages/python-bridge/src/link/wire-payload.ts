import { decodeValue, type Payload, PayloadFormat } from "@snakepit/bridge-proto";
import { type EncodedValue, SnakepitError } from "@snakepit/core";

const NO_LENGTHS: number[] = [];

/** A value as a frame carries it; its buffers are sent after the batch. */
export function payloadOfValue({ body, buffers }: EncodedValue): Payload {
  const bufferLengths = buffers.length === 0 ? NO_LENGTHS : buffers.map((buffer) => buffer.byteLength);
  return { format: PayloadFormat.MESSAGEPACK, body, bufferLengths };
}

/**
 * The value that a worker sent.
 *
 * @throws SnakepitError `SERIALIZATION` when it cannot be read.
 */
export function valueOfPayload(payload: Payload, buffers: readonly Uint8Array[]): unknown {
  if (payload.format !== PayloadFormat.MESSAGEPACK) {
    throw new SnakepitError("SERIALIZATION", `the worker sent a value in format ${payload.format}, not MessagePack`);
  }
  return decodeValue(payload.body, buffers);
}
