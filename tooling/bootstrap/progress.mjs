import { SetupError } from "./setup-error.mjs";

const STILL_AT_IT_MS = 15_000;

/** Reports the set-up on stderr: one line per completed step, with its duration. Silent without steps. */
export class Progress {
  #started = false;
  /** @type {Map<string, number>} */
  #running = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /**
   * Runs one step and reports it.
   * @template T
   * @param {string} title
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async step(title, work) {
    this.#begin();
    const start = performance.now();
    this.#running.set(title, start);
    try {
      const result = await work();
      this.#line(`  ✓ ${title.padEnd(30)} ${seconds(start)}`);
      return result;
    } catch (thrown) {
      this.#line(`  ✗ ${title.padEnd(30)} ${seconds(start)}`);
      throw thrown;
    } finally {
      this.#running.delete(title);
      if (this.#running.size === 0) clearInterval(this.#timer);
    }
  }

  /** @param {string} text a message for the user outside of any step */
  note(text) {
    this.#line(`  ${text}`);
  }

  #begin() {
    if (!this.#started) this.#line("Preparing this clone; the next start skips what is done.");
    this.#started = true;
    if (this.#running.size === 0) this.#timer = setInterval(() => this.#stillAtIt(), STILL_AT_IT_MS).unref();
  }

  #stillAtIt() {
    for (const [title, start] of this.#running) this.#line(`  … ${title.padEnd(30)} ${seconds(start)}`);
  }

  /** @param {string} text */
  #line(text) {
    process.stderr.write(`${text}\n`);
  }
}

/** Reports an error of the set-up to the user. @param {unknown} thrown the error */
export function reportFailure(thrown) {
  if (thrown instanceof AggregateError) {
    for (const each of thrown.errors) reportFailure(each);
    return;
  }
  const text = thrown instanceof SetupError ? thrown.toText() : `Set-up failed unexpectedly: ${inspect(thrown)}`;
  process.stderr.write(`${text}\n`);
}

/** @param {unknown} thrown */
function inspect(thrown) {
  return thrown instanceof Error ? thrown.stack : String(thrown);
}

/** @param {number} start */
function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s`;
}
