import {
  EVENT_NAMES,
  EVENTS,
  type EventName,
  type ListenedEvents,
  type Logger,
  type OnDemandEventName,
  type SnakepitEvents,
  toSnakepitError,
  watchAbort,
} from "@snakepit/core";

/** Is called with the events of one or several names, and with the name. */
export type Listener<Name extends EventName> = (event: SnakepitEvents[Name], name: Name) => unknown;

/** Any event: its fields, its `name`, and its `time` in milliseconds since 1970. */
export type AnyEvent = {
  readonly [Name in EventName]: SnakepitEvents[Name] & { readonly name: Name; readonly time: number };
}[EventName];

/** Is called with all events. */
export type AnyListener = (event: AnyEvent) => unknown;

/** Ends a subscription; may be called more than once. */
export type Unsubscribe = () => void;

/** The options of a subscription. */
export interface ListenerOptions {
  /** Ends the subscription when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

interface Subscription {
  readonly listener: (event: never, name: never) => unknown;
  failed: boolean;
}

const ON_DEMAND: ReadonlySet<EventName> = new Set(EVENT_NAMES.filter((name) => EVENTS[name].isOnDemand === true));

/** The listeners for each event. An error that a listener throws does not reach the code that emits the event. */
export class EventListeners {
  readonly #log: Logger;
  // The arrays are replaced and never changed, so that an event in progress is delivered to the previous subscribers.
  readonly #subscriptions = new Map<EventName, readonly Subscription[]>();
  /** Those of all events. */
  #any: readonly Subscription[] = [];
  readonly #listens: { -readonly [Name in OnDemandEventName]: boolean };
  readonly #always: Partial<ListenedEvents>;
  readonly #unwatches = new Set<Unsubscribe>();

  /** @param always the events on demand that are created without a listener, too. */
  constructor(log: Logger, always: Partial<ListenedEvents> = {}) {
    this.#log = log;
    this.#always = always;
    const listens = Array.from(ON_DEMAND, (name) => [name, always[name as OnDemandEventName] === true]);
    this.#listens = Object.fromEntries(listens) as Record<OnDemandEventName, boolean>;
  }

  /** Which events on demand are to be created. */
  get listens(): ListenedEvents {
    return this.#listens;
  }

  add<Name extends EventName>(names: Iterable<Name>, listener: Listener<Name>, options?: ListenerOptions): Unsubscribe {
    const subscription: Subscription = { listener, failed: false };
    const unique = new Set(names);
    return this.#subscribe(options, () => {
      for (const name of unique) this.#change(name, [...this.#of(name), subscription]);
      return () => {
        for (const name of unique) this.#change(name, without(this.#of(name), subscription));
      };
    });
  }

  /** Adds a listener for all events. */
  addAny(listener: AnyListener, options?: ListenerOptions): Unsubscribe {
    const subscription: Subscription = { listener, failed: false };
    return this.#subscribe(options, () => {
      this.#any = [...this.#any, subscription];
      this.#update(ON_DEMAND as ReadonlySet<OnDemandEventName>);
      return () => {
        this.#any = without(this.#any, subscription);
        this.#update(ON_DEMAND as ReadonlySet<OnDemandEventName>);
      };
    });
  }

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    const any = this.#any;
    const subscriptions = this.#subscriptions.get(name);
    if (subscriptions !== undefined) {
      for (const subscription of subscriptions) this.#call(subscription, event, name);
    }
    if (any.length === 0) return;
    const named = { ...event, name, time: Date.now() };
    for (const subscription of any) this.#call(subscription, named, name);
  }

  clear(): void {
    this.#subscriptions.clear();
    this.#any = [];
    this.#update(ON_DEMAND as ReadonlySet<OnDemandEventName>);
    for (const unwatch of this.#unwatches) unwatch();
    this.#unwatches.clear();
  }

  #subscribe({ signal }: ListenerOptions = {}, add: () => Unsubscribe): Unsubscribe {
    if (signal?.aborted === true) return () => {};
    const remove = add();
    if (signal === undefined) return remove;
    const end = () => {
      remove();
      unwatch();
      this.#unwatches.delete(unwatch);
    };
    const unwatch = watchAbort(signal, end);
    this.#unwatches.add(unwatch);
    return end;
  }

  #call(subscription: Subscription, event: object, name: EventName): void {
    try {
      const returned: unknown = subscription.listener(event as never, name as never);
      // Usually nothing is returned, and the comparison is faster than the check of the class.
      if (returned !== undefined && returned instanceof Promise)
        returned.catch((thrown: unknown) => this.#failed(name, subscription, thrown));
    } catch (thrown) {
      this.#failed(name, subscription, thrown);
    }
  }

  #change(name: EventName, subscriptions: readonly Subscription[]): void {
    if (subscriptions.length > 0) this.#subscriptions.set(name, subscriptions);
    else this.#subscriptions.delete(name);
    if (isOnDemand(name)) this.#update([name]);
  }

  #update(names: Iterable<OnDemandEventName>): void {
    for (const name of names) {
      this.#listens[name] = this.#any.length > 0 || this.#subscriptions.has(name) || this.#always[name] === true;
    }
  }

  #of(name: EventName): readonly Subscription[] {
    return this.#subscriptions.get(name) ?? [];
  }

  #failed(name: EventName, subscription: Subscription, thrown: unknown): void {
    if (subscription.failed) return;
    subscription.failed = true;
    const error = toSnakepitError(thrown, "INTERNAL", `a listener for ${name} failed`);
    this.#log.error({ event: name, err: error }, `${error.message} (further failures of this listener are not logged)`);
  }
}

/** Whether an event is created only while it has a listener. */
export function isOnDemand(name: EventName): name is OnDemandEventName {
  return ON_DEMAND.has(name);
}

function without(subscriptions: readonly Subscription[], removed: Subscription): readonly Subscription[] {
  return subscriptions.filter((each) => each !== removed);
}
