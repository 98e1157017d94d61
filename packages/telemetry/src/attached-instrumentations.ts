import type { CallInfo, CallTrace, EventName, Instrumentation, SnakepitError, SnakepitEvents } from "@snakepit/core";
import type { Unsubscribe } from "./events/event-listeners.ts";

/** Instrumentations that are added to a running host, and removed again, for example while a dashboard is open. */
export class AttachedInstrumentations {
  /** Replaced by each change, so that a change during an event applies to the next one. */
  #attached: readonly Instrumentation[] = [];

  /** Adds an instrumentation, which must not throw. Returns a function that removes it. */
  add(instrumentation: Instrumentation): Unsubscribe {
    this.#attached = [...this.#attached, instrumentation];
    return () => {
      this.#attached = this.#attached.filter((each) => each !== instrumentation);
    };
  }

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    for (const instrumentation of this.#attached) instrumentation.emit(name, event);
  }

  /** Starts to trace a call in addition to `own`, the trace of the host's instrumentation. */
  startCall(call: CallInfo, own: CallTrace | undefined): CallTrace | undefined {
    // No array: this runs for each call while a dashboard is open.
    let trace = own;
    for (const instrumentation of this.#attached) {
      const added = instrumentation.startCall(call);
      if (added !== undefined) trace = trace === undefined ? added : new JoinedTrace(trace, added);
    }
    return trace;
  }

  clear(): void {
    this.#attached = [];
  }
}

/** Two traces of one call. */
class JoinedTrace implements CallTrace {
  readonly traceparent: string | undefined;
  readonly #first: CallTrace;
  readonly #second: CallTrace;

  constructor(first: CallTrace, second: CallTrace) {
    this.traceparent = first.traceparent ?? second.traceparent;
    this.#first = first;
    this.#second = second;
  }

  dispatched(workerId: string): void {
    this.#first.dispatched(workerId);
    this.#second.dispatched(workerId);
  }

  ended(error?: SnakepitError): void {
    this.#first.ended(error);
    this.#second.ended(error);
  }
}
