import {
  EVENT_NAMES,
  type EventName,
  type EventStreamOptions,
  type HostEventError,
  type HostEventItem,
  matchesPattern,
  mustBe,
  nearestName,
  optionSignal,
  rejectUnknownOptions,
  SnakepitError,
  type Unsubscribe,
  watchAbort,
} from "@snakepit/core";

/** Events that may wait for the consumer. */
const DEFAULT_BUFFER = 1_000;
const MAX_BUFFER = 100_000;

/** Subscribes to the events with these names. */
export type SubscribeToEvents = (
  names: readonly EventName[],
  listener: (name: EventName, fields: object) => void,
) => Unsubscribe;

type Next = IteratorResult<HostEventItem, undefined>;

/**
 * The events of a host from its creation on. When the consumer is slower than the events, the oldest are dropped, and
 * the next item reports their number.
 */
export class EventStream implements AsyncIterableIterator<HostEventItem, undefined> {
  readonly #options: EventStreamOptions;
  readonly #limit: number;
  readonly #unsubscribe: Unsubscribe;
  #unwatch: Unsubscribe | undefined;
  readonly #onEnded: (stream: EventStream) => void;
  /** A ring: the oldest event is at `#first`. */
  readonly #buffered: HostEventItem[] = [];
  #first = 0;
  #dropped = 0;
  #waiting: PromiseWithResolvers<Next> | undefined;
  #hasEnded = false;

  /**
   * @param onEnded called once, when the consumer or the host ends the stream.
   * @throws SnakepitError `INVALID_ARGUMENT` for unknown names and options.
   */
  constructor(options: EventStreamOptions, subscribe: SubscribeToEvents, onEnded: (stream: EventStream) => void) {
    this.#options = checkEventStreamOptions(options);
    this.#limit = options.buffer ?? DEFAULT_BUFFER;
    this.#onEnded = onEnded;
    this.#unsubscribe = subscribe(eventNames(options.names), (name, fields) => this.#add(name, fields));
    const { signal } = options;
    if (signal?.aborted === true) this.end();
    else this.#unwatch = signal && watchAbort(signal, () => this.end());
  }

  next(): Promise<Next> {
    const item = this.#take();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined });
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  return(): Promise<Next> {
    this.#buffered.length = 0;
    this.#dropped = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the stream after the buffered events. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#unsubscribe();
    this.#unwatch?.();
    this.#waiting?.resolve({ done: true, value: undefined });
    this.#waiting = undefined;
    this.#onEnded(this);
  }

  #add(name: EventName, fields: object): void {
    if (!matches(fields, this.#options)) return;
    const item: HostEventItem = { is: "event", name, at: Date.now(), fields: plainFields(fields) };
    if (this.#waiting !== undefined) {
      this.#waiting.resolve({ done: false, value: item });
      this.#waiting = undefined;
    } else if (this.#buffered.length < this.#limit) {
      this.#buffered.push(item);
    } else {
      this.#buffered[this.#first] = item;
      this.#first = (this.#first + 1) % this.#limit;
      this.#dropped += 1;
    }
  }

  #take(): HostEventItem | undefined {
    if (this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      // In order again, for shift().
      this.#buffered.push(...this.#buffered.splice(0, this.#first));
      this.#first = 0;
      return { is: "dropped", at: Date.now(), count };
    }
    return this.#buffered.shift();
  }
}

function matches(fields: object, { pool, workerId, correlationId }: EventStreamOptions): boolean {
  const has = (name: string, value: string | undefined) =>
    value === undefined || (name in fields && (fields as Record<string, unknown>)[name] === value);
  return has("pool", pool) && has("workerId", workerId) && has("correlationId", correlationId);
}

/** Converts errors, so that the fields are plain data. */
function plainFields(fields: object): Readonly<Record<string, unknown>> {
  const entries = Object.entries(fields).map(([name, value]) => [name, plain(value)] as const);
  return Object.fromEntries(entries);
}

function plain(value: unknown): unknown {
  if (value instanceof SnakepitError) return eventError(value);
  // The exit of a worker contains an error.
  if (typeof value === "object" && value !== null && "cause" in value) return { ...value, cause: plain(value.cause) };
  return value;
}

/** Converts an error to a field of an event. */
export function eventError(error: SnakepitError): HostEventError {
  const { code, message, retryable, pool, workerId, callId, python } = error;
  return {
    code,
    message,
    retryable,
    ...(pool !== undefined && { pool }),
    ...(workerId !== undefined && { workerId }),
    ...(callId !== undefined && { callId }),
    ...(python !== undefined && {
      python: { type: python.type, message: python.message, traceback: python.traceback },
    }),
  };
}

/**
 * Returns the names of the events that match patterns; all without patterns.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` for a pattern that matches no event.
 */
export function eventNames(patterns: readonly string[] | undefined): readonly EventName[] {
  if (patterns === undefined) return EVENT_NAMES;
  const found = patterns.flatMap((pattern) => {
    const names = EVENT_NAMES.filter((name) => matchesPattern(pattern, name));
    if (names.length > 0) return names;
    const nearest = nearestName(pattern, [...EVENT_NAMES, ...new Set(EVENT_NAMES.map(patternOfArea))]);
    const guess = nearest === undefined ? "" : ` did you mean "${nearest}"?`;
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `no event has the name "${pattern}";${guess} the events are ${EVENT_NAMES.join(", ")}`,
    );
  });
  return [...new Set(found)];
}

function patternOfArea(name: EventName): string {
  return `${name.slice(0, name.indexOf("."))}.*`;
}

/**
 * Checks the options of a stream, except for whether the pool exists.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`.
 */
export function checkEventStreamOptions(options: EventStreamOptions): EventStreamOptions {
  rejectUnknownOptions("events", options, ["names", "pool", "workerId", "correlationId", "buffer", "signal"]);
  optionSignal(options.signal);
  const { names, buffer = DEFAULT_BUFFER } = options;
  const isArrayOfNames = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === "string");
  if (names !== undefined && !isArrayOfNames) {
    throw new SnakepitError("INVALID_ARGUMENT", mustBe("names", "a non-empty array of names of events", names));
  }
  if (!Number.isInteger(buffer) || buffer < 1 || buffer > MAX_BUFFER) {
    throw new SnakepitError("INVALID_ARGUMENT", mustBe("buffer", `an integer from 1 to ${MAX_BUFFER}`, buffer));
  }
  return options;
}
