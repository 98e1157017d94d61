import { closeSync, constants, readSync } from "node:fs";
import { endianness } from "node:os";
import { openWorkerFile } from "./worker-file.ts";

/** The layout of the file, see `Hello.unsent_records` in frames.proto. */
const HEADER_BYTES = 4096;
const AREA_BYTES = 32 * 1024;
const AREAS = 2;
const ENTRY_BYTES = 16;
const LENGTH_OFFSET = 8;
const IS_LITTLE_ENDIAN = endianness() === "LE";

/** Bytes of an area: the first has this position in the data of the connection. */
interface Entry {
  readonly position: number;
  readonly length: number;
}

/** Shared by the whole process: reading is synchronous. */
const header = new DataView(new ArrayBuffer(AREAS * ENTRY_BYTES));

/**
 * The file in which a worker keeps the records that it sends with a later one. They are the next bytes of its
 * connection, also while the worker does something else, and after it has died.
 */
export class UnsentRecords {
  readonly #descriptor: number;
  #isClosed = false;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /**
   * Opens and removes the file that a worker has created in the directory of the sockets. Returns `undefined` if that
   * is not possible.
   */
  static open(directory: string, name: string): UnsentRecords | undefined {
    const isExpected = (file: { isFile(): boolean; size: number }) =>
      file.isFile() && file.size === HEADER_BYTES + AREAS * AREA_BYTES;
    const descriptor = openWorkerFile(directory, name, constants.O_RDONLY, isExpected);
    return descriptor === undefined ? undefined : new UnsentRecords(descriptor);
  }

  /** Returns the bytes of the connection from `position` on, if the worker has written them but not sent them. */
  read(position: number): Buffer | undefined {
    if (this.#isClosed) return undefined;
    const entries = this.#entries();
    const area = entries.findIndex((entry) => contains(entry, position));
    const entry = entries[area];
    if (entry === undefined) return undefined;
    const bytes = Buffer.allocUnsafe(entry.position + entry.length - position);
    const start = HEADER_BYTES + area * AREA_BYTES + (position - entry.position);
    const count = readSync(this.#descriptor, bytes, 0, bytes.byteLength, start);
    // The worker may have filled the area again meanwhile, after it has sent both.
    const now = this.#entries()[area];
    if (now === undefined || now.position !== entry.position || now.length < entry.length) return undefined;
    return count === bytes.byteLength ? bytes : undefined;
  }

  /** Closes the file. Can be called repeatedly. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#descriptor);
  }

  #entries(): readonly Entry[] {
    // A tool may have truncated a file that it found open.
    if (readSync(this.#descriptor, header, 0, header.byteLength, 0) < header.byteLength) return [];
    return Array.from({ length: AREAS }, (_, area) => ({
      position: Number(header.getBigUint64(area * ENTRY_BYTES, IS_LITTLE_ENDIAN)),
      length: header.getUint32(area * ENTRY_BYTES + LENGTH_OFFSET, IS_LITTLE_ENDIAN),
    }));
  }
}

function contains({ position, length }: Entry, at: number): boolean {
  return length <= AREA_BYTES && position <= at && at < position + length;
}
