import type { Snakepit } from "snakepit";
import type { Random } from "../random.ts";
import type { CallLedger } from "./call-ledger.ts";

/** The callers of a load, by kind of call. Each caller makes one call after another. */
export interface LoadSpec {
  readonly pool?: string;
  /** Calls that are executed at most once. */
  readonly plain?: number;
  /** Calls that may be executed twice, and are retried. */
  readonly idempotent?: number;
  /** Calls that take a few milliseconds. */
  readonly slow?: number;
  /** Streams that are read to their end, or left early. */
  readonly streams?: number;
  /** Calls that change a variable of a session. */
  readonly sessions?: number;
  /** Calls that their caller gives up at a random moment. */
  readonly cancelled?: number;
}

/** The longest time of a slow call in seconds. */
const SLOW_SECONDS = 0.01;
const CHUNKS = 200;

/** Callers that make calls until they are stopped. */
export class Load {
  readonly #pit: Snakepit;
  readonly #ledger: CallLedger;
  readonly #random: Random;
  readonly #callers: Promise<void>[] = [];
  #isStopped = false;
  #calls = 0;

  constructor(pit: Snakepit, ledger: CallLedger, random: Random) {
    this.#pit = pit;
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Starts callers. */
  start({ pool, plain = 0, idempotent = 0, slow = 0, streams = 0, sessions = 0, cancelled = 0 }: LoadSpec): void {
    const suffix = pool === undefined ? "" : `@${pool}`;
    const options = pool === undefined ? {} : { pool };
    const kinds: Readonly<Record<string, readonly [callers: number, call: (caller: number) => Promise<unknown>]>> = {
      plain: [plain, () => this.#answer(options)],
      idempotent: [idempotent, () => this.#answer({ ...options, idempotent: true })],
      slow: [slow, () => this.#pit.execute("sleep", { seconds: this.#random.next() * SLOW_SECONDS }, options)],
      streams: [streams, () => this.#stream(options)],
      sessions: [sessions, (caller) => this.#pit.execute("visit", {}, { ...options, sessionId: `session-${caller}` })],
      cancelled: [cancelled, () => this.#cancel(options)],
    };
    for (const [kind, [callers, call]] of Object.entries(kinds)) {
      for (let caller = 0; caller < callers; caller++) {
        this.#callers.push(this.#repeat(`${kind}${suffix}`, () => call(caller)));
      }
    }
  }

  /** Stops. Resolves when all calls have settled. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#callers);
  }

  async #repeat(kind: string, call: () => Promise<unknown>): Promise<void> {
    while (!this.#isStopped) {
      const value = await this.#ledger.track(kind, call);
      // A pool that rejects calls immediately must not occupy the event loop.
      if (value === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async #answer(options: { readonly pool?: string; readonly idempotent?: boolean }): Promise<unknown> {
    this.#calls += 1;
    const sent = this.#calls;
    const received = await this.#pit.execute<readonly [number, number]>("answer", { value: sent }, options);
    if (received[0] !== sent) throw new Error(`the answer to another call: sent ${sent}, received ${received[0]}`);
    return received;
  }

  async #stream(options: { readonly pool?: string }): Promise<unknown> {
    const last = this.#random.next() < 0.5 ? this.#random.below(CHUNKS) : CHUNKS - 1;
    let expected = 0;
    for await (const chunk of this.#pit.stream<number>("count", { to: CHUNKS }, options)) {
      if (chunk !== expected) throw new Error(`chunk ${chunk} instead of ${expected}`);
      if (chunk === last) return "read";
      expected += 1;
    }
    throw new Error(`the stream ended after ${expected} chunks`);
  }

  async #cancel(options: { readonly pool?: string }): Promise<unknown> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), this.#random.next() * 1_000 * SLOW_SECONDS);
    try {
      const seconds = this.#random.next() * SLOW_SECONDS;
      return await this.#pit.execute("sleep", { seconds }, { ...options, signal: controller.signal });
    } finally {
      clearTimeout(timer);
    }
  }
}
