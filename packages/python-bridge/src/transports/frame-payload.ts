import type { Frame, Payload } from "@snakepit/bridge-proto";

/** Returns the payload of a frame; `undefined` if it has none. */
export function payloadOf(frame: Frame): Payload | undefined {
  const kind = frame.kind;
  switch (kind?.$case) {
    case "result":
    case "chunk":
    case "replyChunk":
      return kind.value.value;
    case "call":
      return kind.value.args;
    case "request":
      return kind.value.payload;
    case "reply":
      return kind.value.outcome?.$case === "value" ? kind.value.outcome.value : undefined;
    default:
      return undefined;
  }
}
