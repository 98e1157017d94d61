import { closeSync, ftruncateSync, openSync, readdirSync, readlinkSync, writeFileSync, writeSync } from "node:fs";
import { endianness } from "node:os";
import { join } from "node:path";

/** The layout of the file, as frames.proto documents it. */
const HEADER_BYTES = 4096;
export const AREA_BYTES = 32_768;
export const FILE_BYTES = HEADER_BYTES + 2 * AREA_BYTES;
const ENTRY_BYTES = 16;

/** The worker's side of the file of unsent records; the test decides what it contains. */
export class UnsentFile implements Disposable {
  readonly name = "0123.unsent";
  readonly path: string;
  readonly #descriptor: number;
  #area = 0;
  #held: Buffer = Buffer.alloc(0);

  constructor(directory: string) {
    this.path = join(directory, this.name);
    writeFileSync(this.path, Buffer.alloc(FILE_BYTES), { mode: 0o600 });
    this.#descriptor = openSync(this.path, "r+");
  }

  /** The bytes that were added and not taken. */
  get held(): Buffer {
    return this.#held;
  }

  /** Adds bytes, the first of which have this position; returns `false` if the area is full. */
  add(bytes: Uint8Array, position: number): boolean {
    const start = this.#held.byteLength;
    if (start + bytes.byteLength > AREA_BYTES) return false;
    if (start === 0) {
      this.setLength(this.#area, 0);
      this.setPosition(this.#area, BigInt(position));
    }
    this.fill(this.#area, bytes, start);
    this.#held = Buffer.concat([this.#held, bytes]);
    this.setLength(this.#area, this.#held.byteLength);
    return true;
  }

  /** Returns the bytes that were added, and continues with the other area. */
  take(): Buffer {
    const taken = this.#held;
    if (taken.byteLength > 0) this.#area = 1 - this.#area;
    this.#held = Buffer.alloc(0);
    return taken;
  }

  setPosition(area: number, position: bigint): void {
    const bytes = Buffer.alloc(8);
    if (endianness() === "LE") bytes.writeBigUInt64LE(position);
    else bytes.writeBigUInt64BE(position);
    writeSync(this.#descriptor, bytes, 0, 8, area * ENTRY_BYTES);
  }

  setLength(area: number, length: number): void {
    const bytes = Buffer.alloc(4);
    if (endianness() === "LE") bytes.writeUInt32LE(length);
    else bytes.writeUInt32BE(length);
    writeSync(this.#descriptor, bytes, 0, 4, area * ENTRY_BYTES + 8);
  }

  fill(area: number, bytes: Uint8Array, offset = 0): void {
    writeSync(this.#descriptor, bytes, 0, bytes.byteLength, HEADER_BYTES + area * AREA_BYTES + offset);
  }

  truncate(size: number): void {
    ftruncateSync(this.#descriptor, size);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

/** Returns how many descriptors of this process belong to files that are or were at a path. */
export function descriptorsOf(path: string): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return [path, `${path} (deleted)`].includes(readlinkSync(join("/proc/self/fd", descriptor)));
    } catch {
      // The descriptor that listed the directory.
      return false;
    }
  }).length;
}

const PERIOD = 1 << 22;
let table: Buffer | undefined;

/** Returns bytes of a stream, each of which depends on its position. */
export function bytesAt(position: number, length: number): Buffer {
  table ??= Buffer.from(
    Uint8Array.from({ length: PERIOD + AREA_BYTES }, (_, index) => index ^ (index >>> 7) ^ (index >>> 14)),
  );
  return table.subarray(position % PERIOD, (position % PERIOD) + length);
}
