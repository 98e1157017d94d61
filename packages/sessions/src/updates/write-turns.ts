import { AsyncLocalStorage } from "node:async_hooks";
import { type EntryKind, SnakepitError, watchAbort } from "@snakepit/core";

/** The last write in the queue of each key: resolves when it and all writes before it have finished. */
type Queues = Map<string, Promise<unknown>>;

/**
 * A turn that is held across several writes: until it is released, only writes within the reservation run for its key.
 */
export class Reservation implements Disposable {
  /** Identifies the reservation on this host. */
  readonly id: number;
  readonly key: string;
  /** The reservation within which this one was made. */
  readonly outer: Reservation | undefined;
  /** The writes within the reservation, which have a queue too. */
  readonly queues: Queues = new Map();
  /** Resolves when the reservation is released. */
  readonly released: Promise<void>;
  readonly #release: () => void;
  #isActive = true;

  constructor(id: number, key: string, outer: Reservation | undefined) {
    this.id = id;
    this.key = key;
    this.outer = outer;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.released = promise;
    this.#release = resolve;
  }

  get isActive(): boolean {
    return this.#isActive;
  }

  /** Lets the next write run. Can be called twice. */
  release(): void {
    this.#isActive = false;
    this.#release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** Options of {@link WriteTurns.reserve}. */
export interface ReservationOptions {
  /** The time in milliseconds after which the reservation is released, so that a deadlock ends. */
  readonly limitMs: number;
  /** Releases the reservation, also while it is queued. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the writes of one host to one variable, to one program or to the metadata of one session one at a time, in the
 * order of the calls.
 *
 * A caller that reads, computes and writes in several steps reserves the key of what it changes. Its own writes, and
 * those of the code that runs {@link within} the reservation, do not wait for it.
 */
export class WriteTurns {
  readonly #queues: Queues = new Map();
  readonly #reservations = new Map<number, Reservation>();
  readonly #current = new AsyncLocalStorage<Reservation>();
  #lastId = 0;

  /**
   * Runs `work` when all earlier work for any of these keys has finished. `work` must not call `run` itself.
   */
  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const queued = keys.map((key) => ({ key, queues: this.#queuesOf(key) }));
    const before = queued.flatMap(({ key, queues }) => queues.get(key) ?? []);
    const { promise: mine, resolve: done } = Promise.withResolvers<void>();
    for (const { key, queues } of queued) queues.set(key, mine);
    try {
      if (before.length > 0) await Promise.all(before);
      return await work();
    } finally {
      for (const { key, queues } of queued) if (queues.get(key) === mine) queues.delete(key);
      done();
    }
  }

  /**
   * Waits until all earlier work for a key has finished and reserves the key. The caller must release the reservation.
   * One that {@link release} has released in the queue is returned at once, without effect.
   *
   * @throws SnakepitError `CANCELLED` when the signal aborts before its turn.
   */
  async reserve(key: string, { limitMs, signal }: ReservationOptions): Promise<Reservation> {
    const queues = this.#queuesOf(key);
    const before = queues.get(key);
    this.#lastId += 1;
    const reservation = new Reservation(this.#lastId, key, this.#current.getStore());
    this.#reservations.set(reservation.id, reservation);
    const mine = Promise.all([before, reservation.released]).then(() => {
      if (queues.get(key) === mine) queues.delete(key);
    });
    queues.set(key, mine);
    const unwatch = signal === undefined ? undefined : watchAbort(signal, () => reservation.release());
    let limit: NodeJS.Timeout | undefined;
    void reservation.released.then(() => {
      clearTimeout(limit);
      unwatch?.();
      this.#reservations.delete(reservation.id);
    });
    await Promise.race([before, reservation.released]);
    if (signal?.aborted === true) throw reservationCancelled(signal.reason);
    if (reservation.isActive) limit = setTimeout(() => reservation.release(), limitMs);
    return reservation;
  }

  /** Reserves a key, runs `work` within the reservation and releases it. */
  async reserved<T>(key: string, options: ReservationOptions, work: () => Promise<T>): Promise<T> {
    using reservation = await this.reserve(key, options);
    return await this.#current.run(reservation, work);
  }

  /** Runs `work`, whose writes do not wait for the reservation with this ID; unknown and released ones are ignored. */
  within<T>(id: number | undefined, work: () => T): T {
    const reservation = id === undefined ? undefined : this.#reservations.get(id);
    return reservation === undefined ? work() : this.#current.run(reservation, work);
  }

  /** Releases the reservations of a scope, by default of all scopes; queued ones too. */
  release(scope?: string): void {
    const start = scope === undefined ? "" : turnsOf(scope);
    for (const reservation of this.#reservations.values()) {
      if (reservation.key.startsWith(start)) reservation.release();
    }
  }

  /** The number of keys with pending work, without the work within reservations. */
  get size(): number {
    return this.#queues.size;
  }

  #queuesOf(key: string): Queues {
    for (let each = this.#current.getStore(); each !== undefined; each = each.outer) {
      if (each.isActive && each.key === key) return each.queues;
    }
    return this.#queues;
  }
}

/**
 * Returns the key of what is written, in {@link WriteTurns}.
 *
 * @param scope the ID of the session, or `GLOBAL_SCOPE`.
 * @param name the name of the variable or the ID of the program; the metadata has none.
 */
export function turnOf(scope: string, kind: EntryKind | "metadata", name = ""): string {
  return `${turnsOf(scope)}${kind}\n${name}`;
}

/** Returns the start of the keys of a scope. */
function turnsOf(scope: string): string {
  // Session IDs contain no control characters.
  return `${scope}\n`;
}

function reservationCancelled(cause: unknown): SnakepitError {
  return new SnakepitError("CANCELLED", "the wait for the turn of an update was cancelled", { cause });
}
