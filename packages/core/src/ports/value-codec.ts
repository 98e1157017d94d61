/**
 * Encodes values as bytes for a store, and decodes them. It supports every value that can be sent to a worker, such as
 * arrays, dates and big integers, without loss.
 */
export interface ValueCodec {
  /**
   * Encodes a value.
   *
   * @param root the root of paths in messages, for example `variable "temperature"`.
   * @throws SnakepitError `SERIALIZATION` with the path of a value that cannot be encoded, `PAYLOAD_TOO_LARGE`.
   */
  encode(value: unknown, root: string): Uint8Array;
  /**
   * Decodes a value.
   *
   * @throws SnakepitError `SERIALIZATION` if the bytes are malformed.
   */
  decode(bytes: Uint8Array): unknown;
}

/** An encoded value, opaque to packages that only forward it, such as the pool. */
export interface EncodedValue {
  /** The value without its buffers, in the format of the transport. */
  readonly body: Uint8Array;
  /** Large binary data that is sent next to the body; referenced, not copied. */
  readonly buffers: readonly Uint8Array[];
  /** Total number of bytes of body and buffers. */
  readonly byteLength: number;
}
