/**
 * A value ready for the wire. Whoever passes it on, the pool among them, does not look inside.
 */
export interface EncodedValue {
  /** The value itself, in the format that the endpoint of the wire agreed on. */
  readonly body: Uint8Array;
  /** Large binary parts that travel beside the body and not in it; they are referenced, not copied. */
  readonly buffers: readonly Uint8Array[];
  /** Bytes of body and buffers together. */
  readonly byteLength: number;
}
