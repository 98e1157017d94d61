import {
  EVENT_NAMES,
  EVENTS,
  type EventName,
  type Instrumentation,
  type ListenedEvents,
  type Logger,
  type OnDemandEventName,
  type SnakepitEvents,
  watchAbort,
} from "@snakepit/core";
import { type AnyListener, EventChannel, type Listener, type Subscription } from "./event-channel.ts";

/** Ends a subscription; may be called more than once. */
export type Unsubscribe = () => void;

/** The options of a subscription. */
export interface ListenerOptions {
  /** Ends the subscription when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** The channel of each event. */
export type EventChannels = { readonly [Name in EventName]: EventChannel<Name> };

/** The listeners of all events. */
export class EventListeners {
  readonly channels: EventChannels;
  #any: readonly Subscription[] = [];
  /** Which events on demand have a receiver. */
  readonly listens: ListenedEvents;
  readonly #unwatches = new Set<Unsubscribe>();

  readonly #onChange: (listens: ListenedEvents) => void;

  /**
   * @param instrumentation receives the events for which it listens; the others only if they are not on demand.
   * @param onChange is called at once, and after each start and end of a subscription.
   */
  constructor(log: Logger, instrumentation: Instrumentation, onChange: (listens: ListenedEvents) => void) {
    this.#onChange = onChange;
    const channels = EVENT_NAMES.map((name) => {
      const receives = isOnDemand(name) ? instrumentation.listens?.[name] === true : true;
      return [name, new EventChannel(name, log, receives ? instrumentation : undefined)] as const;
    });
    this.channels = Object.fromEntries(channels) as unknown as EventChannels;
    this.listens = listenedEvents(this.channels);
    onChange(this.listens);
  }

  add<Name extends EventName>(names: Iterable<Name>, listener: Listener<Name>, options?: ListenerOptions): Unsubscribe {
    const subscription: Subscription = { listener, failed: false };
    const channels = Array.from(new Set(names), (name) => this.channels[name]);
    return this.#subscribe(options, () => {
      for (const channel of channels) channel.add(subscription);
      return () => {
        for (const channel of channels) channel.remove(subscription);
      };
    });
  }

  /** Adds a listener for all events. */
  addAny(listener: AnyListener, options?: ListenerOptions): Unsubscribe {
    const subscription: Subscription = { listener, failed: false };
    return this.#subscribe(options, () => {
      this.#setAny([...this.#any, subscription]);
      return () => this.#setAny(this.#any.filter((each) => each !== subscription));
    });
  }

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    this.channels[name].emit(event);
  }

  clear(): void {
    this.#any = [];
    for (const channel of Object.values(this.channels)) channel.clear();
    for (const unwatch of this.#unwatches) unwatch();
    this.#unwatches.clear();
  }

  #setAny(subscriptions: readonly Subscription[]): void {
    this.#any = subscriptions;
    for (const channel of Object.values(this.channels)) channel.setAny(subscriptions);
  }

  #subscribe({ signal }: ListenerOptions = {}, add: () => Unsubscribe): Unsubscribe {
    if (signal?.aborted === true) return () => {};
    const end = add();
    this.#onChange(this.listens);
    const remove = () => {
      end();
      this.#onChange(this.listens);
    };
    if (signal === undefined) return remove;
    const removeWatched = () => {
      remove();
      unwatch();
      this.#unwatches.delete(unwatch);
    };
    const unwatch = watchAbort(signal, removeWatched);
    this.#unwatches.add(unwatch);
    return removeWatched;
  }
}

/** Whether an event is created only while it has a listener. */
export function isOnDemand(name: EventName): name is OnDemandEventName {
  return EVENTS[name].isOnDemand === true;
}

/** Returns an object whose properties read whether the channels of events on demand are open. */
function listenedEvents(channels: EventChannels): ListenedEvents {
  const properties = EVENT_NAMES.filter(isOnDemand).map((name) => {
    const channel = channels[name];
    return [name, { get: () => channel.isOpen, enumerable: true }] as const;
  });
  return Object.defineProperties({}, Object.fromEntries(properties)) as ListenedEvents;
}
