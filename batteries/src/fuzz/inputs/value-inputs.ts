import { ByteSink } from "./byte-sink.ts";
import { extension } from "./extension-inputs.ts";
import { mutated } from "./mutate.ts";
import type { Random } from "./random.ts";
import { randomString } from "./string-inputs.ts";

/** An encoded value and its out-of-band buffers, valid or not. */
export interface ValueInput {
  readonly body: Buffer;
  readonly buffers: readonly Buffer[];
}

/** How an input is made. */
interface Draft {
  readonly random: Random;
  readonly sink: ByteSink;
  readonly buffers: Buffer[];
  /** The number of values that may still be written. */
  budget: number;
}

/** The number of values of a usual input. */
const BUDGET = 24;
/** The nesting of the deepest inputs; readers accept up to 1,000 levels. */
const DEPTHS = [10, 255, 256, 999, 1_000, 1_001, 1_024, 5_000, 100_000];

/**
 * Returns a value as it is on the wire: about half of the inputs are well-formed, the others have wrong lengths,
 * extensions, references to buffers or changed bytes, or are random bytes.
 */
export function valueInput(random: Random): ValueInput {
  const kind = random.below(100);
  if (kind < 4) return { body: random.bytes(random.below(64)), buffers: buffersFor(random) };
  if (kind < 5) return { body: deep(random), buffers: [] };
  const draft = newDraft(random);
  value(draft, 0);
  const body = draft.sink.toBuffer();
  const buffers = random.oneIn(12) ? buffersFor(random) : draft.buffers;
  return { body: random.oneIn(3) ? mutated(body, random) : body, buffers };
}

/** Returns the arguments of a call: usually a map with string keys, of which some are the names of parameters. */
export function argumentsInput(random: Random, names: readonly string[]): ValueInput {
  if (random.oneIn(4)) return valueInput(random);
  const draft = newDraft(random);
  const entries = random.below(4);
  draft.sink.uint8(0x80 | entries);
  for (let entry = 0; entry < entries; entry++) {
    const name = random.oneIn(5) ? randomString(random) : Buffer.from(random.pick(names));
    writeString(draft.sink, name);
    value(draft, 1);
  }
  const body = draft.sink.toBuffer();
  return { body: random.oneIn(4) ? mutated(body, random) : body, buffers: draft.buffers };
}

function newDraft(random: Random): Draft {
  return { random, sink: new ByteSink(), buffers: [], budget: BUDGET };
}

function buffersFor(random: Random): Buffer[] {
  return Array.from({ length: random.below(4) }, () => random.bytes(random.below(40)));
}

function value(draft: Draft, depth: number): void {
  const { random, sink } = draft;
  draft.budget -= 1;
  const isLeaf = draft.budget <= 0 || depth > 8;
  switch (random.below(isLeaf ? 8 : 13)) {
    case 0:
      sink.uint8(random.pick([0xc0, 0xc2, 0xc3]));
      break;
    case 1:
      sink.uint8(random.oneIn(2) ? random.below(0x80) : 0xe0 | random.below(0x20));
      break;
    case 2:
      integer(random, sink);
      break;
    case 3:
      sink.uint8(0xcb).float64(random.pick([0, -0, 1.5, -1e308, Number.NaN, Infinity, -Infinity, 2 ** 53, 5e-324]));
      break;
    case 4:
    case 5:
      writeString(sink, randomString(random));
      break;
    case 6:
      binary(random, sink);
      break;
    case 7:
      if (random.oneIn(20)) sink.uint8(random.uint32());
      else writeExtension(draft, depth);
      break;
    case 8:
    case 9:
      writeExtension(draft, depth);
      break;
    case 10:
      array(draft, depth);
      break;
    default:
      map(draft, depth);
  }
}

function integer(random: Random, sink: ByteSink): void {
  const marker = 0xcc + random.below(8);
  const size = 1 << (marker - (marker < 0xd0 ? 0xcc : 0xd0));
  const fill = random.pick([0, 0xff, undefined]);
  sink.uint8(marker).bytes(fill === undefined ? random.bytes(size) : Buffer.alloc(size, fill));
}

/** Writes a string with its length in one of the four forms. */
function writeString(sink: ByteSink, bytes: Buffer): void {
  const length = bytes.byteLength;
  if (length < 32) sink.uint8(0xa0 | length);
  else if (length < 0x100) sink.uint8(0xd9).uint8(length);
  else if (length < 0x10000) sink.uint8(0xda).uint16(length);
  else sink.uint8(0xdb).uint32(length);
  sink.bytes(bytes);
}

function binary(random: Random, sink: ByteSink): void {
  const bytes = random.bytes(random.below(24));
  sink.uint8(0xc4).uint8(claimed(bytes.byteLength, random)).bytes(bytes);
}

function array(draft: Draft, depth: number): void {
  const { random, sink } = draft;
  const length = random.below(5);
  const written = claimed(length, random);
  if (written < 16 && random.oneIn(2)) sink.uint8(0x90 | written);
  else if (random.oneIn(2)) sink.uint8(0xdc).uint16(written);
  else sink.uint8(0xdd).uint32(written);
  for (let index = 0; index < length; index++) value(draft, depth + 1);
}

function map(draft: Draft, depth: number): void {
  const { random, sink } = draft;
  const entries = random.below(5);
  const written = claimed(entries, random);
  if (written < 16 && random.oneIn(2)) sink.uint8(0x80 | written);
  else if (random.oneIn(2)) sink.uint8(0xde).uint16(written);
  else sink.uint8(0xdf).uint32(written);
  const plain = !random.oneIn(3);
  for (let entry = 0; entry < entries; entry++) {
    if (plain) writeString(sink, randomString(random));
    else value(draft, depth + 1);
    value(draft, depth + 1);
  }
}

function writeExtension(draft: Draft, depth: number): void {
  const { random, sink, buffers } = draft;
  const nested = (count: number): Buffer => {
    const inner: Draft = { random, sink: new ByteSink(), buffers, budget: Math.min(draft.budget, 6) };
    inner.sink.uint8(0x90 | count);
    for (let index = 0; index < count; index++) value(inner, depth + 1);
    draft.budget -= count;
    return inner.sink.toBuffer();
  };
  const { tag, data } = extension(random, nested, buffers);
  const length = claimed(data.byteLength, random);
  const fixed = [1, 2, 4, 8, 16].indexOf(length);
  if (fixed !== -1 && random.oneIn(2)) sink.uint8(0xd4 + fixed);
  else if (length < 0x100) sink.uint8(0xc7).uint8(length);
  else if (length < 0x10000) sink.uint8(0xc8).uint16(length);
  else sink.uint8(0xc9).uint32(length);
  sink.uint8(tag).bytes(data);
}

/** Returns a length, now and then a wrong one. */
function claimed(length: number, random: Random): number {
  if (!random.oneIn(60)) return length;
  return random.pick([0, length + 1, Math.max(0, length - 1), 255, 65_535, 0x7fff_ffff, 0xffff_ffff]);
}

const SET = 3;
const MAP = 4;

/** Returns containers that are nested deeply: arrays, maps, extensions, or arrays within extensions. */
function deep(random: Random): Buffer {
  const depth = random.pick(DEPTHS);
  const kind = random.below(4);
  if (kind === 0) return Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.from([0xc0])]);
  if (kind === 1) return Buffer.concat([Buffer.alloc(2 * depth, Buffer.from([0x81, 0xa0])), Buffer.from([0xc0])]);
  const levels = Math.min(depth, kind === 2 ? 1_100 : 300);
  const arrays = kind === 2 ? 1 : random.pick([2, 100, 1_000]);
  let body = Buffer.from([0x90]);
  const parts: Buffer[] = [];
  let size = body.byteLength;
  for (let level = 0; level < levels; level++) {
    const tag = random.oneIn(2) ? SET : MAP;
    const inner = Buffer.alloc(arrays, 0x91);
    size += arrays;
    parts.push(inner, new ByteSink().uint8(0xc9).uint32(size).uint8(tag).toBuffer());
    size += 6;
  }
  parts.reverse();
  body = Buffer.concat([...parts, body]);
  return body;
}
