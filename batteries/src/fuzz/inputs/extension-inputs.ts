import { ByteSink } from "./byte-sink.ts";
import type { Random } from "./random.ts";
import { decimalString, randomString, zoneString } from "./string-inputs.ts";

/** The type and the content of a MessagePack extension. */
interface Extension {
  readonly tag: number;
  readonly data: Buffer;
}

/** The number of extension types of Snakepit, see `docs/values.md`. */
const TYPES = 14;
const UNITS = ["", "s", "ns", "25us", "D", "Y", "generic", "0s", "99999999999s", "x", "ms]"];

/**
 * Returns an extension, usually with the layout that `docs/values.md` specifies.
 *
 * @param nested returns an encoded array of this many values.
 * @param buffers receives the out-of-band buffers of the value.
 */
export function extension(random: Random, nested: (count: number) => Buffer, buffers: Buffer[]): Extension {
  const tag = random.oneIn(40) ? random.pick([0, 15, 127, 128, 255]) : 1 + random.below(TYPES);
  const data = random.oneIn(20) ? random.bytes(random.below(40)) : content(tag, random, nested, buffers);
  return { tag, data };
}

function content(tag: number, random: Random, nested: (count: number) => Buffer, buffers: Buffer[]): Buffer {
  switch (tag) {
    case 1:
      return reference(random, buffers, random.bytes(random.below(40)));
    case 2:
      return bigInteger(random);
    case 3:
      return nested(random.below(4));
    case 4:
      return nested(random.oneIn(8) ? 3 : 2 * random.below(3));
    case 5:
      return random.bytes(16);
    case 6:
      return decimalString(random);
    case 7:
      return new ByteSink()
        .float64(random.uint32())
        .float64(random.pick([0, Number.NaN, -1]))
        .toBuffer();
    case 8:
      return random.oneIn(3) ? span(random) : Buffer.concat([span(random), offset(random), zoneString(random)]);
    case 9:
      return span(random);
    case 10:
      return new ByteSink().uint16(random.below(10_001)).uint8(random.below(14)).uint8(random.below(33)).toBuffer();
    case 11:
      return random.oneIn(2)
        ? timeOfDay(random)
        : Buffer.concat([timeOfDay(random), offset(random), zoneString(random)]);
    case 12:
      return span(random);
    case 13:
      return array(random, buffers);
    default:
      return randomString(random);
  }
}

/** Returns a reference to a buffer, usually to the one that it adds. */
function reference(random: Random, buffers: Buffer[], data: Buffer): Buffer {
  if (random.oneIn(10)) return new ByteSink().uint32(random.pick([0, 1, 7, 0xffff_ffff])).toBuffer();
  buffers.push(data);
  return new ByteSink().uint32(buffers.length - 1).toBuffer();
}

function bigInteger(random: Random): Buffer {
  const magnitude = random.oneIn(400) ? random.bytes(2_000 + random.below(60_000)) : random.bytes(random.below(20));
  return new ByteSink()
    .uint8(random.below(random.oneIn(10) ? 256 : 2))
    .bytes(magnitude)
    .toBuffer();
}

function span(random: Random): Buffer {
  const days = random.pick([0, -1, 19_000, -719_162, -719_163, 2_932_896, 2_932_897, 0x7fff_ffff, 999_999_999]);
  return spanOf(random, days);
}

function timeOfDay(random: Random): Buffer {
  return spanOf(random, random.oneIn(20) ? 1 : 0);
}

function offset(random: Random): Buffer {
  return spanOf(random, random.pick([0, 0, -1, -1, 1, -2]));
}

function spanOf(random: Random, days: number): Buffer {
  const seconds = random.oneIn(20) ? 86_400 : random.pick([0, 1, 3_600, 7_200, 82_800, 86_399]);
  const microseconds = random.oneIn(20) ? 1_000_000 : random.pick([0, 1, 500, 999_999]);
  return new ByteSink().uint32(days).uint32(seconds).uint32(microseconds).toBuffer();
}

function array(random: Random, buffers: Buffer[]): Buffer {
  const code = random.oneIn(15) ? random.below(256) : 1 + random.below(18);
  const itemBytes = [0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 8, 16, 8, 8, 16, 32][code] ?? 1;
  const shape = Array.from({ length: random.below(4) }, () => random.below(4));
  const data = random.bytes(shape.reduce((product, size) => product * size, itemBytes));
  const isOutOfBand = random.oneIn(3);
  const sink = new ByteSink().uint8(random.oneIn(20) ? 2 : Number(isOutOfBand)).uint8(code);
  sink.uint8(random.oneIn(20) ? random.pick([0, 63, 64, 65, 255]) : shape.length);
  for (const size of shape) {
    sink.uint32(random.oneIn(40) ? random.pick([1, 0x8000_0000]) : 0);
    sink.uint32(random.oneIn(40) ? random.uint32() : size);
  }
  if (code === 15 || code === 16) {
    const unit = Buffer.from(random.pick(UNITS));
    sink.uint8(random.oneIn(20) ? random.below(256) : unit.byteLength).bytes(unit);
  }
  return sink.bytes(isOutOfBand ? reference(random, buffers, data) : data).toBuffer();
}
