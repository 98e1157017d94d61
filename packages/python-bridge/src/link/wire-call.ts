import { type Call, decodeValue, type Payload, PayloadFormat } from "@snakepit/bridge-proto";
import { type Deadline, type EncodedValue, remainingMs, SnakepitError, type WorkerCall } from "@snakepit/core";

const NO_METADATA: Record<string, string> = {};
const NO_LENGTHS: number[] = [];

/** Returns the Call message for a worker. */
export function wireCall(id: number, call: WorkerCall): Call {
  return {
    id,
    tool: call.tool,
    args: payloadOfValue(call.args),
    remainingMs: wireRemaining(call.deadline),
    correlationId: call.correlationId,
    sessionId: call.sessionId,
    traceparent: call.traceparent,
    streaming: call.streaming,
    credit: call.credit,
    metadata: call.metadata ?? NO_METADATA,
  };
}

/** Zero means no deadline on the wire, so a deadline that has passed becomes the smallest positive number. */
function wireRemaining(deadline: Deadline): number {
  return deadline === Number.POSITIVE_INFINITY ? 0 : Math.max(remainingMs(deadline), Number.MIN_VALUE);
}

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
