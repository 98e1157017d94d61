import { execFileSync } from "node:child_process";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

/**
 * A statement at which a Python module blocks, and a promise that resolves when the module is there. A test of a time
 * limit can then advance fake timers past the limit, regardless of the speed of the machine.
 */
export class Halt implements AsyncDisposable {
  readonly #pipe: string;
  #writer: FileHandle | undefined;

  /** @param directory for the named pipe that the module reads. */
  constructor(directory: string) {
    this.#pipe = join(directory, "halt");
    execFileSync("mkfifo", [this.#pipe]);
  }

  /** One line of Python that requires `import os`. It calls no Python code, so it is the innermost frame of a stack. */
  get statement(): string {
    return `os.read(os.open(${JSON.stringify(this.#pipe)}, os.O_RDONLY), 1)`;
  }

  /** Resolves when the module is at the statement. */
  async reached(): Promise<void> {
    // Opening a named pipe waits for the other end (fifo(7)).
    this.#writer = await open(this.#pipe, "w");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer?.close();
  }
}
