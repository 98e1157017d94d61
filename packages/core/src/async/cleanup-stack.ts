import type { SnakepitError } from "../errors/snakepit-error.ts";
import { toSnakepitError } from "../errors/to-snakepit-error.ts";

/** Something that a {@link CleanupStack} runs when it closes. */
export type Cleanup = () => void | Promise<void>;

/**
 * What was opened, to be closed in reverse order. `close()` runs every cleanup even when some fail, may be
 * called any number of times (later calls wait for the first), and rejects with the first failure.
 */
export class CleanupStack implements AsyncDisposable {
  #cleanups: Cleanup[] = [];
  #closing: Promise<void> | undefined;

  /** Adds a cleanup; on a stack that is closed or closing it runs at once. */
  defer(cleanup: Cleanup): void {
    if (this.#closing !== undefined) {
      this.#closing = this.#closing.then(() => cleanup());
      return;
    }
    this.#cleanups.push(cleanup);
  }

  close(): Promise<void> {
    this.#closing ??= this.#run();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    let first: SnakepitError | undefined;
    for (let cleanup = this.#cleanups.pop(); cleanup !== undefined; cleanup = this.#cleanups.pop()) {
      try {
        await cleanup();
      } catch (thrown) {
        first ??= toSnakepitError(thrown, "INTERNAL", "closing failed");
      }
    }
    if (first !== undefined) throw first;
  }
}
