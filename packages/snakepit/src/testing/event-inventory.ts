import {
  EVENT_NAMES,
  EVENTS,
  type EventName,
  type Instrumentation,
  type ListenedEvents,
  type SnakepitEvents,
} from "@snakepit/core";
import { eventProblems } from "@snakepit/core/testing/event-problems";

interface Waiter {
  readonly name: EventName;
  readonly matches: (event: never) => boolean;
  readonly resolve: () => void;
}

/** Receives every event of hosts, also those of their start, and compares it with the catalogue. */
export class EventInventory implements Instrumentation {
  readonly listens: Partial<ListenedEvents> = Object.fromEntries(EVENT_NAMES.map((name) => [name, true]));
  /** How events differed from the catalogue. */
  readonly problems: string[] = [];
  /** The fields that each event has had, by name. */
  readonly #fields = new Map<EventName, Set<string>>();
  readonly #events: (readonly [EventName, object])[] = [];
  readonly #waiters = new Set<Waiter>();

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    this.problems.push(...eventProblems(name, { ...event }));
    const fields = this.#fields.get(name) ?? new Set();
    for (const [field, value] of Object.entries(event)) if (value !== undefined) fields.add(field);
    this.#fields.set(name, fields);
    this.#events.push([name, event]);
    for (const waiter of this.#waiters) {
      if (waiter.name !== name || !waiter.matches(event as never)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  startCall(): undefined {}

  /** Resolves when an event of this name that matches has been emitted, before or after this call. */
  emitted<Name extends EventName>(
    name: Name,
    matches: (event: SnakepitEvents[Name]) => boolean = () => true,
  ): Promise<void> {
    const before = this.#events.some(([each, event]) => each === name && matches(event as SnakepitEvents[Name]));
    if (before) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.add({ name, matches, resolve }));
  }

  /** Returns the fields of an event in the catalogue that were never emitted; all of them if the event was not. */
  missing(name: EventName): string[] {
    const emitted = this.#fields.get(name);
    return Object.keys(EVENTS[name].fields).filter((field) => emitted?.has(field) !== true);
  }
}
