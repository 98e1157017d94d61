import { ByteSink } from "./byte-sink.ts";

/** The wire types of protobuf (https://protobuf.dev/programming-guides/encoding/#structure). */
export const WireType = { VARINT: 0, FIXED64: 1, BYTES: 2, FIXED32: 5 } as const;

/** Writes protobuf fields, valid or not. */
export class WireSink extends ByteSink {
  /** Writes an integer of up to 64 bits. */
  varint(value: number | bigint): this {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.uint8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    return this.uint8(Number(rest));
  }

  tag(field: number, wireType: number): this {
    return this.varint(field * 8 + wireType);
  }

  /** Writes a length-delimited field. */
  field(field: number, bytes: Uint8Array): this {
    return this.tag(field, WireType.BYTES).varint(bytes.byteLength).bytes(bytes);
  }
}
