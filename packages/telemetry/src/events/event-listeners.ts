import { type EventName, type Logger, type SnakepitEvents, toSnakepitError } from "@snakepit/core";

/** Is called with the events of one name. */
export type Listener<Name extends EventName> = (event: SnakepitEvents[Name]) => unknown;

/** Ends a subscription; may be called more than once. */
export type Unsubscribe = () => void;

interface Subscription {
  readonly listener: (event: never) => unknown;
  failed: boolean;
}

/** The listeners for each event. An error that a listener throws does not reach the code that emits the event. */
export class EventListeners {
  readonly #log: Logger;
  // The arrays are replaced and never changed, so that an event in progress is delivered to the previous subscribers.
  readonly #subscriptions = new Map<EventName, readonly Subscription[]>();

  constructor(log: Logger) {
    this.#log = log;
  }

  add<Name extends EventName>(name: Name, listener: Listener<Name>): Unsubscribe {
    const subscription: Subscription = { listener, failed: false };
    this.#subscriptions.set(name, [...this.#of(name), subscription]);
    return () => {
      const others = this.#of(name).filter((each) => each !== subscription);
      if (others.length > 0) this.#subscriptions.set(name, others);
      else this.#subscriptions.delete(name);
    };
  }

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    for (const subscription of this.#of(name)) {
      try {
        const returned: unknown = subscription.listener(event as never);
        if (returned instanceof Promise) returned.catch((thrown: unknown) => this.#failed(name, subscription, thrown));
      } catch (thrown) {
        this.#failed(name, subscription, thrown);
      }
    }
  }

  clear(): void {
    this.#subscriptions.clear();
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
