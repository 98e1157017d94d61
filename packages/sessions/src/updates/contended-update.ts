import { isPromiseLike, type SnakepitError } from "@snakepit/core";
import { reservationLimitMs, WriteAttempts } from "./write-contention.ts";
import type { WriteTurns } from "./write-turns.ts";

/** Returns the new value, given a copy of the current one. */
export type Changer<Value> = (value: Value) => Value | PromiseLike<Value>;

/** What an update changes: a record with a version, and the value in it. */
export interface UpdateTarget<Found, Value> {
  /** Identifies it in the turns of the writes of this host; from `turnOf`. */
  readonly key: string;
  /** Resolves with the current record; rejects if it does not exist. */
  read(): Promise<Found>;
  /** Returns a copy of the value. */
  valueOf(found: Found): Value;
  /** Writes a value, unless the record has changed since it was found. Rejects if the value is invalid. */
  write(found: Found, value: Value): Promise<UpdateWrite<Found>>;
  /** Returns the error of an update that conflicted in each of its attempts. */
  tooMuchContention(attempts: number): SnakepitError;
}

/** The outcome of {@link UpdateTarget.write}. */
export type UpdateWrite<Found> =
  | { readonly is: "written"; readonly found: Found }
  /** Nothing was written; `found` is the current record. */
  | { readonly is: "conflict"; readonly found: Found };

/** The outcome of an attempt. */
type Attempt<Found, Value> =
  | { readonly is: "written"; readonly found: Found }
  /** The new value is a promise. */
  | { readonly is: "pending"; readonly found: Found; readonly value: PromiseLike<Value> };

/**
 * One change by a function, of a variable, of a program or of the metadata of a session.
 *
 * The first time, other writers do not wait for a promise of the function. After a conflict, those of this host wait
 * for it until a time limit, so that the update succeeds next to a caller that writes without a pause.
 */
export class ContendedUpdate<Found, Value> {
  readonly #target: UpdateTarget<Found, Value>;
  readonly #change: Changer<Value>;
  readonly #attempts: WriteAttempts;
  /** The current record, as far as it is known. */
  #found: Found | undefined;

  constructor(target: UpdateTarget<Found, Value>, change: Changer<Value>) {
    this.#target = target;
    this.#change = change;
    this.#attempts = new WriteAttempts((attempts) => target.tooMuchContention(attempts));
  }

  /**
   * Makes the change and resolves with the written record.
   *
   * @param turns the turns of the writes of this host.
   * @throws SnakepitError the errors of the target; an error of the function is rethrown, and nothing is written.
   */
  async make(turns: WriteTurns): Promise<Found> {
    const { key } = this.#target;
    const first = await turns.run([key], () => this.#attempt());
    // The turn is released while the promise of the caller settles: it may depend on what is updated.
    let written = await this.#finish(first);
    while (written === undefined) {
      await this.#failed();
      const limitMs = reservationLimitMs(this.#attempts.failures);
      written = await turns.reserved(key, { limitMs }, async () => {
        // Other writers may have been earlier in the queue.
        this.#found = undefined;
        return await this.#finish(await this.#attempt());
      });
    }
    return written;
  }

  /** Completes an attempt; `undefined` on a conflict. */
  async #finish(attempt: Attempt<Found, Value>): Promise<Found | undefined> {
    return attempt.is === "written" ? attempt.found : await this.#write(attempt.found, await attempt.value);
  }

  /** Repeats the change until it is written or the new value is a promise. */
  async #attempt(): Promise<Attempt<Found, Value>> {
    for (;;) {
      const found = this.#found ?? (await this.#target.read());
      const value = this.#change(this.#target.valueOf(found));
      if (isPromiseLike(value)) return { is: "pending", found, value };
      const written = await this.#write(found, value);
      if (written !== undefined) return { is: "written", found: written };
      await this.#failed();
    }
  }

  async #failed(): Promise<void> {
    if (await this.#attempts.failed()) this.#found = undefined;
  }

  /** Writes if the record is still current; `undefined` on a conflict. */
  async #write(found: Found, value: Value): Promise<Found | undefined> {
    const outcome = await this.#target.write(found, value);
    if (outcome.is === "written") return outcome.found;
    this.#found = outcome.found;
    return undefined;
  }
}
