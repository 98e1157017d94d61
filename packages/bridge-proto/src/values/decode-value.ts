import { SnakepitError } from "@snakepit/core";
import { Decoder } from "./decoder.ts";

/**
 * Reads a value that {@link encodeValue} or the worker wrote. Which value of Python becomes which of JavaScript is
 * listed in `docs/values.md`.
 *
 * Typed arrays and large binary data are views of `buffers` where their alignment allows it, so those belong to the
 * value from then on. Nothing in the value refers to `body`.
 *
 * Safe against any input: it reads nothing but the bytes given, allocates in proportion to them, and always ends.
 *
 * @param body the value itself.
 * @param buffers what travelled beside it, all of it.
 * @throws SnakepitError `SERIALIZATION` when this is not a value.
 */
export function decodeValue(body: Uint8Array, buffers: readonly Uint8Array[] = []): unknown {
  try {
    return new Decoder(body, buffers).decode();
  } catch (error) {
    if (error instanceof SnakepitError && error.code === "SERIALIZATION") throw error;
    // What a constructor refuses: a day that is none, a big integer that is too long for this runtime.
    const reason = error instanceof Error ? error.message : String(error);
    throw new SnakepitError("SERIALIZATION", `cannot decode a value: ${reason}`, { cause: error });
  }
}
