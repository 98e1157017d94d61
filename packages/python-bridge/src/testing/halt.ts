import { execFileSync } from "node:child_process";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

/**
 * A statement at which a Python module stops, and the event that it has been reached. With it a test of a time limit
 * lets the limit pass (with fake timers) once the module is there, however long the machine takes to get it there.
 */
export class Halt implements AsyncDisposable {
  readonly #pipe: string;
  #writer: FileHandle | undefined;

  /** @param directory for the named pipe that the module reads. */
  constructor(directory: string) {
    this.#pipe = join(directory, "halt");
    execFileSync("mkfifo", [this.#pipe]);
  }

  /** One line of Python that needs `import os`; no Python code is called in it, so it is the last one in a stack. */
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
