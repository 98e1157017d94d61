/**
 * Turns values into bytes that a store can keep, and back. Every value that can travel to a worker can be kept: arrays,
 * dates, big integers and so on come back as what they were.
 */
export interface ValueCodec {
  /**
   * @param root what the value is called in messages, for example `variable "temperature"`.
   * @throws SnakepitError `SERIALIZATION` with the path to what cannot be kept, `PAYLOAD_TOO_LARGE`.
   */
  encode(value: unknown, root: string): Uint8Array;
  /** @throws SnakepitError `SERIALIZATION` when the bytes are not those of a value. */
  decode(bytes: Uint8Array): unknown;
}

/** A value as it is sent. Packages that pass it on, the pool among them, do not look inside. */
export interface EncodedValue {
  /** The value itself, in the format that the endpoint of the wire agreed on. */
  readonly body: Uint8Array;
  /** Large binary parts that are sent next to the body; they are referenced, not copied. */
  readonly buffers: readonly Uint8Array[];
  /** Bytes of body and buffers together. */
  readonly byteLength: number;
}
