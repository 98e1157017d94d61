import { SnakepitError } from "snakepit";

/** The number of calls by outcome: `ok`, an error code, or the message of another error. */
export type Outcomes = Readonly<Record<string, number>>;

/** The calls of a load. */
export interface LedgerSummary {
  /** Outcomes by kind of call. */
  readonly outcomes: Readonly<Record<string, Outcomes>>;
  /** Calls that have not settled yet. */
  readonly unsettled: number;
  /** Calls that settled more than once. */
  readonly settledTwice: number;
  /** The longest time without an answer, in milliseconds. */
  readonly longestGapMs: number;
}

/** Records each call from its start until it settles. */
export class CallLedger {
  readonly #outcomes = new Map<string, Map<string, number>>();
  readonly #listeners = new Set<(kind: string, value: unknown) => void>();
  #started = 0;
  #settled = 0;
  #settledTwice = 0;
  #lastAnswerAt = performance.now();
  #longestGapMs = 0;

  /** Makes a call. Resolves with its value, or with `undefined` when it fails. Never rejects. */
  async track<Value>(kind: string, make: () => Promise<Value>): Promise<Value | undefined> {
    this.#started += 1;
    let settlements = 0;
    const settle = (outcome: string) => {
      settlements += 1;
      if (settlements > 1) this.#settledTwice += 1;
      else this.#settled += 1;
      const ofKind = this.#outcomes.get(kind) ?? new Map<string, number>();
      this.#outcomes.set(kind, ofKind.set(outcome, (ofKind.get(outcome) ?? 0) + 1));
    };
    return await make().then(
      (value) => {
        settle("ok");
        this.#answered(kind, value);
        return value;
      },
      (error: unknown) => {
        settle(error instanceof SnakepitError ? error.code : String(error));
        return undefined;
      },
    );
  }

  /** Calls `listener` with each answer, until it returns true. */
  onAnswer(listener: (kind: string, value: unknown) => boolean): void {
    const each = (kind: string, value: unknown) => {
      if (listener(kind, value)) this.#listeners.delete(each);
    };
    this.#listeners.add(each);
  }

  /** Starts a new measurement of the longest time without an answer. */
  startGap(): void {
    this.#lastAnswerAt = performance.now();
    this.#longestGapMs = 0;
  }

  get summary(): LedgerSummary {
    return {
      outcomes: Object.fromEntries([...this.#outcomes].map(([kind, of]) => [kind, Object.fromEntries(of)])),
      unsettled: this.#started - this.#settled,
      settledTwice: this.#settledTwice,
      longestGapMs: Math.max(this.#longestGapMs, performance.now() - this.#lastAnswerAt),
    };
  }

  #answered(kind: string, value: unknown): void {
    const now = performance.now();
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastAnswerAt);
    this.#lastAnswerAt = now;
    for (const listener of this.#listeners) listener(kind, value);
  }
}
