import {
  type EventName,
  type Instrumentation,
  type Logger,
  type SnakepitEvents,
  toSnakepitError,
  watchReturned,
} from "@snakepit/core";

/** Is called with the events of one or several names, and with the name. */
export type Listener<Name extends EventName> = (event: SnakepitEvents[Name], name: Name) => unknown;

/** Any event: its fields, its `name`, and its `time` in milliseconds since 1970. */
export type AnyEvent = {
  readonly [Name in EventName]: SnakepitEvents[Name] & { readonly name: Name; readonly time: number };
}[EventName];

/** Is called with all events. */
export type AnyListener = (event: AnyEvent) => unknown;

/** A listener that was added once. */
export interface Subscription {
  readonly listener: (event: never, name: never) => unknown;
  /** Whether it has thrown an error. */
  failed: boolean;
}

/** The receivers of the events of one name. Events of calls are emitted without a lookup of the name. */
export class EventChannel<Name extends EventName> {
  readonly name: Name;
  /** Whether an event has a receiver. */
  isOpen = false;
  // The arrays are replaced and never changed, so that an event in progress is delivered to the previous subscribers.
  #named: readonly Subscription[] = [];
  #any: readonly Subscription[] = [];
  readonly #instrumentation: Instrumentation | undefined;
  readonly #log: Logger;

  /** @param instrumentation receives the events before the listeners; absent if it does not listen for them. */
  constructor(name: Name, log: Logger, instrumentation: Instrumentation | undefined) {
    this.name = name;
    this.#log = log;
    this.#instrumentation = instrumentation;
    this.#update();
  }

  /** Delivers an event. An error that a listener throws does not reach the caller. */
  emit(event: SnakepitEvents[Name]): void {
    const { name } = this;
    const any = this.#any;
    this.#instrumentation?.emit(name, event);
    for (const subscription of this.#named) this.#deliver(subscription, event);
    if (any.length === 0) return;
    const named = { ...event, name, time: Date.now() };
    for (const subscription of any) this.#deliver(subscription, named);
  }

  add(subscription: Subscription): void {
    this.#named = [...this.#named, subscription];
    this.#update();
  }

  remove(subscription: Subscription): void {
    this.#named = this.#named.filter((each) => each !== subscription);
    this.#update();
  }

  /** Replaces the listeners of all events. */
  setAny(subscriptions: readonly Subscription[]): void {
    this.#any = subscriptions;
    this.#update();
  }

  clear(): void {
    this.#named = [];
    this.setAny([]);
  }

  #update(): void {
    this.isOpen = this.#instrumentation !== undefined || this.#named.length > 0 || this.#any.length > 0;
  }

  #deliver(subscription: Subscription, event: object): void {
    try {
      const returned: unknown = subscription.listener(event as never, this.name as never);
      // Usually nothing is returned, and the comparison is faster than a call.
      if (returned !== undefined) watchReturned(returned, (thrown) => this.#failed(subscription, thrown));
    } catch (thrown) {
      this.#failed(subscription, thrown);
    }
  }

  #failed(subscription: Subscription, thrown: unknown): void {
    if (subscription.failed) return;
    subscription.failed = true;
    const { name } = this;
    const error = toSnakepitError(thrown, "INTERNAL", `a listener for ${name} failed`);
    this.#log.error({ event: name, err: error }, `${error.message} (further failures of this listener are not logged)`);
  }
}
