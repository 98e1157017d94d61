import { toSnakepitError } from "../errors/foreign-errors.ts";
import type { SnakepitError } from "../errors/snakepit-error.ts";

/** A function that a {@link CleanupStack} runs when it closes. */
export type Cleanup = () => void | Promise<void>;

/**
 * Runs cleanups in reverse order when it is closed. `close()` runs all cleanups even if some fail, and rejects with the
 * first failure. Further calls of `close()` wait for the first.
 */
export class CleanupStack implements AsyncDisposable {
  readonly #cleanups: Cleanup[] = [];
  #closing: Promise<void> | undefined;

  /** Adds a cleanup. If the stack is closing or closed, it runs after the pending cleanups. */
  defer(cleanup: Cleanup): void {
    this.#cleanups.push(cleanup);
    if (this.#closing === undefined) return;
    this.#closing = this.#run(this.#closing);
    // Further calls of close() report the failure.
    this.#closing.catch(() => {});
  }

  close(): Promise<void> {
    this.#closing ??= this.#run(Promise.resolve());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(previous: Promise<void>): Promise<void> {
    let first: SnakepitError | undefined;
    const remember = (thrown: unknown) => {
      first ??= toSnakepitError(thrown, "INTERNAL", "closing failed");
    };
    await previous.catch(remember);
    for (let cleanup = this.#cleanups.pop(); cleanup !== undefined; cleanup = this.#cleanups.pop()) {
      try {
        await cleanup();
      } catch (thrown) {
        remember(thrown);
      }
    }
    if (first !== undefined) throw first;
  }
}
