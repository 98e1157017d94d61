import type { ProtoField, ProtoSchema } from "./proto-schema.ts";
import type { Random } from "./random.ts";
import { randomString } from "./string-inputs.ts";
import { type ValueInput, valueInput } from "./value-inputs.ts";
import { WireSink, WireType } from "./wire.ts";

/** Values for fields, which make messages meaningful: names that exist, IDs that are in use. */
export interface MessageHints {
  /** Strings by the name of the field. */
  readonly strings: Readonly<Record<string, readonly string[]>>;
  /** IDs for the fields `id`, `ids` and `call_id`. */
  readonly ids: readonly number[];
  /** Names of fields that are never written. */
  readonly omitted?: readonly string[];
  /** Returns the value for a payload; by default any. */
  payload?(random: Random): ValueInput;
}

/** An encoded message, and the out-of-band buffers that its payloads name. */
export interface MessageInput {
  readonly bytes: Buffer;
  readonly buffers: readonly Buffer[];
}

const MAX_DEPTH = 6;
/** The nesting of the deepest messages: decoders stop at 100 levels. */
const DEPTHS = [50, 99, 101, 500, 20_000];
const NUMBERS = [
  0n,
  1n,
  2n,
  3n,
  7n,
  127n,
  128n,
  1_000n,
  65_536n,
  0x7fff_ffffn,
  0xffff_ffffn,
  2n ** 53n,
  2n ** 64n - 1n,
];
const DOUBLES = [0, 1, -1, 0.5, 1_000, Number.NaN, Infinity, -Infinity, 1e300, -1e300, 5e-324, 2 ** 53];

/** Generates encoded messages of a schema. Now and then, a field has another wire type, or is unknown or repeated. */
export class MessageInputs {
  readonly #schema: ProtoSchema;
  readonly #hints: MessageHints;

  constructor(schema: ProtoSchema, hints: MessageHints) {
    this.#schema = schema;
    this.#hints = hints;
  }

  /** Returns a message with some of its fields. */
  message(name: string, random: Random): MessageInput {
    const buffers: Buffer[] = [];
    return { bytes: this.#message(name, random, buffers, 0), buffers };
  }

  /** Returns a message with one field of a oneof, or of any other message with only one field. */
  only(name: string, field: string, random: Random): MessageInput {
    const buffers: Buffer[] = [];
    const chosen = this.#schema.fields(name).find((each) => each.name === field);
    if (chosen === undefined) throw new Error(`${name} has no field ${field}`);
    const sink = new WireSink();
    this.#field(sink, chosen, random, buffers, 0);
    return { bytes: sink.toBuffer(), buffers };
  }

  #message(name: string, random: Random, buffers: Buffer[], depth: number): Buffer {
    if (name === "Payload") return this.#payload(random, buffers);
    const sink = new WireSink();
    const fields = this.#schema.fields(name).filter((field) => this.#hints.omitted?.includes(field.name) !== true);
    if (name === "PythonFailure" && random.oneIn(60)) return nested(6, random.pick(DEPTHS));
    if (name === "Value" && random.oneIn(60)) return nestedList(random.pick(DEPTHS));
    // A message whose fields exclude each other usually has one of them.
    const isChoice = name === "Frame" || name === "OfferToolsRequest" || name === "Value";
    if (isChoice) this.#field(sink, random.pick(fields), random, buffers, depth);
    for (const field of fields) {
      if (random.oneIn(isChoice ? 20 : 4) === isChoice) this.#repeat(sink, field, random, buffers, depth);
    }
    if (random.oneIn(30)) unknownField(sink, random);
    return sink.toBuffer();
  }

  #repeat(sink: WireSink, field: ProtoField, random: Random, buffers: Buffer[], depth: number): void {
    const times = field.repeated ? random.below(4) : random.oneIn(40) ? 2 : 1;
    for (let time = 0; time < times; time++) this.#field(sink, field, random, buffers, depth);
  }

  #field(sink: WireSink, field: ProtoField, random: Random, buffers: Buffer[], depth: number): void {
    if (random.oneIn(100)) {
      unknownField(sink, random, field.number);
    } else if (this.#schema.isMessage(field.type)) {
      const bytes = depth > MAX_DEPTH ? Buffer.alloc(0) : this.#message(field.type, random, buffers, depth + 1);
      sink.field(field.number, bytes);
    } else {
      this.#scalar(sink, field, random);
    }
  }

  #scalar(sink: WireSink, { name, number, type }: ProtoField, random: Random): void {
    switch (type) {
      case "string":
        sink.field(number, this.#string(name, random));
        break;
      case "bytes":
        sink.field(number, random.bytes(random.below(40)));
        break;
      case "double":
        sink.tag(number, WireType.FIXED64).bytes(littleEndian(random.pick(DOUBLES)));
        break;
      default:
        sink.tag(number, WireType.VARINT).varint(this.#number(name, random));
    }
  }

  #string(name: string, random: Random): Buffer {
    const known = this.#hints.strings[name];
    return known === undefined || random.oneIn(6) ? randomString(random) : Buffer.from(random.pick(known));
  }

  #number(name: string, random: Random): number | bigint {
    const isId = name === "id" || name === "call_id" || name === "ids";
    if (isId && this.#hints.ids.length > 0 && !random.oneIn(6)) return random.pick(this.#hints.ids);
    return random.oneIn(3) ? random.pick(NUMBERS) : random.below(4);
  }

  #payload(random: Random, buffers: Buffer[]): Buffer {
    const { body, buffers: added } = this.#hints.payload?.(random) ?? valueInput(random);
    const sink = new WireSink();
    sink.tag(1, WireType.VARINT).varint(random.oneIn(15) ? random.pick(NUMBERS) : random.oneIn(8) ? 2 : 1);
    sink.field(2, random.oneIn(10) ? Buffer.from('{"a": [1, null, "x"]}') : body);
    for (const buffer of added) {
      if (!random.oneIn(30))
        sink.tag(3, WireType.VARINT).varint(random.oneIn(20) ? random.pick(NUMBERS) : buffer.byteLength);
      if (!random.oneIn(30)) buffers.push(buffer);
    }
    return sink.toBuffer();
  }
}

function unknownField(sink: WireSink, random: Random, number = random.pick([100, 9_999, 536_870_911, 0])): void {
  const wireType = random.below(8);
  sink.tag(number, wireType);
  if (wireType === WireType.BYTES) sink.varint(random.below(20));
  sink.bytes(random.bytes(random.below(12)));
}

/** Returns a message that contains itself in a field, this many times. */
function nested(field: number, depth: number): Buffer {
  const heads: Buffer[] = [];
  let size = 0;
  for (let level = 0; level < depth; level++) {
    const head = new WireSink().tag(field, WireType.BYTES).varint(size).toBuffer();
    size += head.byteLength;
    heads.push(head);
  }
  return Buffer.concat(heads.reverse());
}

/** Returns a `google.protobuf.Value` of nested lists. */
function nestedList(depth: number): Buffer {
  const heads: Buffer[] = [];
  let size = 0;
  for (let level = 0; level < depth; level++) {
    for (const field of [1, 6]) {
      const head = new WireSink().tag(field, WireType.BYTES).varint(size).toBuffer();
      size += head.byteLength;
      heads.push(head);
    }
  }
  return Buffer.concat(heads.reverse());
}

function littleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}
