import type { EncodedValue } from "@snakepit/core";
import { Encoder } from "./encoder.ts";

/** How a value is encoded. */
export interface EncodeOptions {
  /** The root of paths in errors: `args` for paths such as `args.items[3]`. Default `value`. */
  readonly root?: string;
  /** The most bytes that body and buffers may have together. Default: no limit. */
  readonly maxBytes?: number;
  /**
   * What happens to something that cannot be sent. `error` (default): it is a `SERIALIZATION` error. `mark`: the other
   * side receives an {@link Unsendable} that names it.
   */
  readonly unsendable?: "error" | "mark";
}

const NO_OPTIONS: EncodeOptions = {};

/** The encoder that no call is using. A getter in the value may encode another value meanwhile: that one makes its own. */
let idle: Encoder | undefined;

/**
 * Encodes a value to be sent. Which value of JavaScript becomes which of Python is listed in `docs/values.md`.
 *
 * Binary data and typed arrays from 16 KiB on are referenced, not copied: they must not change until the value was
 * sent.
 *
 * @throws SnakepitError `SERIALIZATION` when something in it cannot be sent, `PAYLOAD_TOO_LARGE` when it is larger than
 * `maxBytes`; `details.path` says where.
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
