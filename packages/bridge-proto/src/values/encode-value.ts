import type { EncodedValue } from "@snakepit/core";
import { Encoder } from "./encoder.ts";

/** How a value is encoded. */
export interface EncodeOptions {
  /** The root of paths in errors: `args` for paths such as `args.items[3]`. Default `value`. */
  readonly root?: string;
  /** Maximum number of bytes of body and buffers together. Default: no limit. */
  readonly maxBytes?: number;
  /**
   * How values that cannot be sent are handled. `error` (default): with a `SERIALIZATION` error. `mark`: the receiver
   * gets an {@link Unsendable} that names the value.
   */
  readonly unsendable?: "error" | "mark";
}

const NO_OPTIONS: EncodeOptions = {};

/** The encoder for reuse, unless it is in use: a getter in the value may encode another value. */
let idle: Encoder | undefined;

/**
 * Encodes a value. `docs/values.md` lists the conversions between JavaScript and Python.
 *
 * Binary data and typed arrays of at least 16 KiB are referenced, not copied. They must not change until the value has
 * been sent.
 *
 * @throws SnakepitError `SERIALIZATION` if a part of the value cannot be sent, `PAYLOAD_TOO_LARGE` if it exceeds
 *   `maxBytes`; `details.path` is the path of the part.
 *
 * @example
 * encodeValue({ text: "hello", pixels: new Float32Array(100_000) }, { root: "args", maxBytes: 64 * 1024 * 1024 });
 */
export function encodeValue(value: unknown, options: EncodeOptions = NO_OPTIONS): EncodedValue {
  const { root = "value", maxBytes = Number.POSITIVE_INFINITY, unsendable = "error" } = options;
  const encoder = idle ?? new Encoder();
  idle = undefined;
  try {
    return encoder.encode(value, root, maxBytes, unsendable === "mark");
  } finally {
    idle = encoder;
  }
}
