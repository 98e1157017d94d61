import type { SnakepitError } from "../errors/snakepit-error.ts";
import { toSnakepitError } from "../errors/to-snakepit-error.ts";

/** Something that a {@link CleanupStack} runs when it closes. */
export type Cleanup = () => void | Promise<void>;

/**
 * What was opened, to be closed in reverse order. `close()` runs every cleanup even when some fail, may be
 * called any number of times (later calls wait for the first), and rejects with the first failure.
 */
export class CleanupStack implements AsyncDisposable {
  readonly #cleanups: Cleanup[] = [];
  #closing: Promise<void> | undefined;

  /** Adds a cleanup; on a stack that is closing or closed it runs as soon as those before it have. */
  defer(cleanup: Cleanup): void {
    this.#cleanups.push(cleanup);
    if (this.#closing === undefined) return;
    this.#closing = this.#run(this.#closing);
    // Every further call of close() reports the failure.
    this.#closing.catch(() => {});
  }

  close(): Promise<void> {
    this.#closing ??= this.#run(Promise.resolve());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(before: Promise<void>): Promise<void> {
    let first: SnakepitError | undefined;
    const remember = (thrown: unknown) => {
      first ??= toSnakepitError(thrown, "INTERNAL", "closing failed");
    };
    await before.catch(remember);
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
