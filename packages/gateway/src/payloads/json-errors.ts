import { SnakepitError } from "@snakepit/core";

/** Something in a value has no form in JSON. */
export function notJson(path: string, what: string): SnakepitError {
  return new SnakepitError(
    "SERIALIZATION",
    `${path} is ${what}, which JSON cannot hold; a client gets it when it asks, or offers its tools, in MessagePack`,
    { details: { path } },
  );
}

/** A value is larger than values may be. */
export function tooLargeForJson(path: string, size: string, maxBytes: number): SnakepitError {
  return new SnakepitError("PAYLOAD_TOO_LARGE", `${path} has ${size}, and ${maxBytes} bytes are allowed`);
}
