import type { CallLists, CallRecord } from "../contract/calls.ts";
import type { RecordedCall } from "./recorded-call.ts";

/** Calls that are kept: the last ones, and the slowest of the last 15 minutes. */
const RECENT_CALLS = 500;
const SLOW_CALLS = 100;
const SLOW_CALLS_KEPT_MS = 15 * 60_000;

/** Calls in one list of a live message. */
const LISTED_CALLS = 100;

/** A bounded number of calls that have ended. */
export class RecentCalls {
  readonly #ring: RecordedCall[] = [];
  /** The place of the next call in a full ring. */
  #next = 0;
  /** Slowest first. */
  #slow: RecordedCall[] = [];
  /** Calls that were at most this slow do not become slow calls. */
  #thresholdMs = -1;

  add(call: RecordedCall): void {
    if (this.#ring.length < RECENT_CALLS) this.#ring.push(call);
    else this.#ring[this.#next] = call;
    this.#next = (this.#next + 1) % RECENT_CALLS;
    if (call.durationMs > this.#thresholdMs) this.#addSlow(call);
  }

  /** Removes slow calls that are too old. */
  expire(): void {
    const oldest = performance.now() - SLOW_CALLS_KEPT_MS;
    if (this.#slow.every(({ startedAt }) => startedAt >= oldest)) return;
    this.#slow = this.#slow.filter(({ startedAt }) => startedAt >= oldest);
    this.#thresholdMs = -1;
  }

  lists(): CallLists {
    return {
      recent: this.#newestFirst(LISTED_CALLS).map((call) => call.toRecord()),
      slow: this.#slow.map((call) => call.toRecord()),
    };
  }

  /** Returns a call by its correlation ID; `undefined` if it is not kept. */
  find(correlationId: string): CallRecord | undefined {
    const is = (call: RecordedCall) => call.correlationId === correlationId;
    return (this.#newestFirst(RECENT_CALLS).find(is) ?? this.#slow.find(is))?.toRecord();
  }

  #newestFirst(limit: number): readonly RecordedCall[] {
    const ordered = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
    return ordered.slice(-limit).reverse();
  }

  #addSlow(call: RecordedCall): void {
    const place = this.#slow.findIndex(({ durationMs }) => durationMs < call.durationMs);
    this.#slow.splice(place === -1 ? this.#slow.length : place, 0, call);
    if (this.#slow.length > SLOW_CALLS) this.#slow.pop();
    if (this.#slow.length === SLOW_CALLS) this.#thresholdMs = this.#slow.at(-1)?.durationMs ?? -1;
  }
}
