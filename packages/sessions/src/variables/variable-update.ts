import type { EntryRecord, ValueCodec } from "@snakepit/core";
import { checkedWrite } from "./variable-batch.ts";
import type { VariableEntries } from "./variable-entries.ts";
import { reservationLimitMs, WriteAttempts } from "./write-contention.ts";
import type { WriteTurns } from "./write-turns.ts";

/** Returns the new value, given a copy of the current one. */
export type VariableChanger<Value> = (value: Value) => Value | PromiseLike<Value>;

/** The outcome of an attempt. */
type Attempt<Value> =
  | { readonly is: "written"; readonly entry: EntryRecord }
  /** The new value is a promise. */
  | { readonly is: "pending"; readonly entry: EntryRecord; readonly value: PromiseLike<Value> };

/** One change of a variable by a function of its value. */
export class VariableUpdate<Value> {
  readonly #entries: VariableEntries;
  readonly #codec: ValueCodec;
  readonly #name: string;
  readonly #change: VariableChanger<Value>;
  readonly #attempts: WriteAttempts;
  /** The current entry, as far as it is known. */
  #entry: EntryRecord | undefined;

  constructor(entries: VariableEntries, codec: ValueCodec, name: string, change: VariableChanger<Value>) {
    this.#entries = entries;
    this.#codec = codec;
    this.#name = name;
    this.#change = change;
    this.#attempts = new WriteAttempts(name);
  }

  /**
   * Makes the change and resolves with the new value.
   *
   * @param turns the turns of the writes of this host.
   * @param key the key of the variable in `turns`.
   */
  async make(turns: WriteTurns, key: string): Promise<Value> {
    const first = await turns.run([key], () => this.#attempt());
    // The turn is released while the promise of the caller settles: it may depend on the variable.
    let written = await this.#finish(first);
    while (written === undefined) {
      await this.#failed();
      const limitMs = reservationLimitMs(this.#attempts.failures);
      written = await turns.reserved(key, { limitMs }, async () => {
        // Other writers may have been earlier in the queue.
        this.#entry = undefined;
        return await this.#finish(await this.#attempt());
      });
    }
    return this.#codec.decode(written.value) as Value;
  }

  /** Completes an attempt; `undefined` on a conflict. */
  async #finish(attempt: Attempt<Value>): Promise<EntryRecord | undefined> {
    return attempt.is === "written" ? attempt.entry : await this.#write(attempt.entry, await attempt.value);
  }

  /** Repeats the change until it is written or the new value is a promise. */
  async #attempt(): Promise<Attempt<Value>> {
    for (;;) {
      const entry = this.#entry ?? (await this.#entries.existing(this.#name));
      const value = this.#change(this.#codec.decode(entry.value) as Value);
      if (isPromiseLike(value)) return { is: "pending", entry, value };
      const written = await this.#write(entry, value);
      if (written !== undefined) return { is: "written", entry: written };
      await this.#failed();
    }
  }

  async #failed(): Promise<void> {
    if (await this.#attempts.failed()) this.#entry = undefined;
  }

  /** Writes if the entry is still current; `undefined` on a conflict. */
  async #write(entry: EntryRecord, value: Value): Promise<EntryRecord | undefined> {
    const write = checkedWrite(entry, value, entry.version, this.#codec);
    const [outcome] = await this.#entries.write([write], true);
    if (outcome?.is === "written") return outcome.entry;
    this.#entry = outcome?.is === "conflict" ? outcome.entry : entry;
    if (this.#entry === undefined) throw await this.#entries.unknown(this.#name);
    return undefined;
  }
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && typeof (value as Partial<PromiseLike<T>>).then === "function";
}
