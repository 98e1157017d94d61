import type { EventName, Instrumentation, SnakepitEvents } from "@snakepit/core";

/** Keeps the events of a pool. */
export class EventLog implements Instrumentation {
  readonly all: { readonly name: EventName; readonly event: SnakepitEvents[EventName] }[] = [];

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    this.all.push({ name, event });
  }

  startCall(): undefined {}

  /** Returns the events with a name. */
  of<Name extends EventName>(name: Name): SnakepitEvents[Name][] {
    return this.all.filter((each) => each.name === name).map(({ event }) => event as SnakepitEvents[Name]);
  }
}
