import { closeSync, constants, readSync, writeSync } from "node:fs";
import { openWorkerFile } from "../transports/worker-file.ts";

/** Bytes of a permit: the ID of a call. */
const PERMIT_BYTES = 4;
/** More permits than are ever in the pipe. */
const MAX_PERMITS = 1_024;

/** Shared by the whole process: reading and writing are synchronous. */
const scratch = Buffer.alloc(MAX_PERMITS * PERMIT_BYTES);

/**
 * The permits for the calls that were sent ahead to a worker. They are in a named pipe (FIFO) that both processes read:
 * the worker takes the permit of a call when it starts it, and the host takes permits to recall calls. The kernel hands
 * each permit to one of them, so a call is either started or recalled, whatever the worker is doing, even if it holds
 * the interpreter lock, is stopped or has died.
 */
export class StartPermits {
  readonly #descriptor: number;
  /** IDs whose permits are not in the pipe yet. */
  #unwritten: number[] = [];
  /** Whether the worker has taken all permits that were written. */
  #isEmpty = true;
  #noticeDue = false;
  #isClosed = false;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /**
   * Opens and removes the pipe that a worker has created in the directory of the sockets. Returns `undefined` if that
   * is not possible; calls can then not be sent ahead to this worker.
   */
  static open(directory: string, name: string): StartPermits | undefined {
    // For writing too: otherwise a pipe without a reader could not be opened.
    const descriptor = openWorkerFile(directory, name, constants.O_RDWR, (file) => file.isFIFO());
    return descriptor === undefined ? undefined : new StartPermits(descriptor);
  }

  /** Adds the permit of a call; {@link write} must follow before its frame is sent. */
  add(id: number): void {
    this.#unwritten.push(id);
  }

  /** Puts the added permits into the pipe. */
  write(): void {
    const ids = this.#unwritten;
    if (ids.length === 0) return;
    this.#unwritten = [];
    this.#put(ids);
  }

  /** Takes the permit of a call. Returns whether it was there: then the worker cannot start the call. */
  take(id: number): boolean {
    const at = this.#unwritten.indexOf(id);
    if (at !== -1) {
      this.#unwritten.splice(at, 1);
      return true;
    }
    if (this.#isClosed || this.#isEmpty) return false;
    const ids = this.#takeAll();
    const position = ids.indexOf(id);
    if (position !== -1) ids.splice(position, 1);
    this.#isEmpty = ids.length === 0;
    if (!this.#isEmpty) this.#noticeDue = true;
    this.#put(ids);
    return position !== -1;
  }

  /**
   * Returns whether the worker may have found the pipe empty while the host had the permits: then it must be notified,
   * once, to look again.
   */
  takeNotice(): boolean {
    const isDue = this.#noticeDue;
    this.#noticeDue = false;
    return isDue;
  }

  /** Closes the pipe. No permit can be taken from now on. Can be called repeatedly. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#descriptor);
  }

  #put(ids: readonly number[]): void {
    if (ids.length === 0 || this.#isClosed) return;
    this.#isEmpty = false;
    try {
      this.#writeAll(ids);
    } catch (thrown) {
      if (!isWouldBlock(thrown)) throw thrown;
      // A user with many pipes gets a single page for each further one on Linux. Its start is free again only when all
      // of it was read.
      this.#writeAll([...this.#takeAll(), ...ids]);
      this.#noticeDue = true;
    }
  }

  #writeAll(ids: readonly number[]): void {
    let bytes = 0;
    for (const id of ids) bytes = scratch.writeUInt32LE(id, bytes);
    // A pipe takes writes of up to 4,096 bytes (PIPE_BUF) as a whole.
    writeSync(this.#descriptor, scratch, 0, bytes);
  }

  #takeAll(): number[] {
    let bytes: number;
    try {
      bytes = readSync(this.#descriptor, scratch, 0, scratch.byteLength, null);
    } catch (thrown) {
      if (isWouldBlock(thrown)) return [];
      throw thrown;
    }
    const ids: number[] = [];
    for (let offset = 0; offset < bytes; offset += PERMIT_BYTES) ids.push(scratch.readUInt32LE(offset));
    return ids;
  }
}

function isWouldBlock(thrown: unknown): boolean {
  return (thrown as NodeJS.ErrnoException).code === "EAGAIN";
}
