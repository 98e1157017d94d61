import { type Frame, PayloadFormat } from "@snakepit/bridge-proto";

/** A chunk whose body is `body` and whose buffers have these lengths. */
export function chunkFrame(id: number, body: Uint8Array, buffers: readonly Uint8Array[] = []): Frame {
  const bufferLengths = buffers.map((buffer) => buffer.byteLength);
  return { kind: { $case: "chunk", value: { id, value: { format: PayloadFormat.MESSAGEPACK, body, bufferLengths } } } };
}

/** A frame without a payload. */
export function creditFrame(id: number): Frame {
  return { kind: { $case: "credit", value: { id, chunks: 1 } } };
}

/** The id of a frame made here. */
export function idOf(frame: Frame): number | undefined {
  const kind = frame.kind;
  return kind?.$case === "chunk" || kind?.$case === "credit" ? kind.value.id : undefined;
}

/** Bytes that repeat only after 251, so that a piece put in the wrong place is seen. */
export function patternBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i % 251;
  return bytes;
}
