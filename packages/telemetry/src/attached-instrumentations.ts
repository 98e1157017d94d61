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
    if (this.#attached.length === 0) return own;
    const added = this.#attached.flatMap((instrumentation) => instrumentation.startCall(call) ?? []);
    const traces = own === undefined ? added : [own, ...added];
    return traces.length > 1 ? new JoinedTrace(traces) : traces[0];
  }

  clear(): void {
    this.#attached = [];
  }
}

/** Several traces of one call. */
class JoinedTrace implements CallTrace {
  readonly traceparent: string | undefined;
  readonly #traces: readonly CallTrace[];

  constructor(traces: readonly CallTrace[]) {
    this.traceparent = traces.find(({ traceparent }) => traceparent !== undefined)?.traceparent;
    this.#traces = traces;
  }

  dispatched(workerId: string): void {
    for (const trace of this.#traces) trace.dispatched(workerId);
  }

  ended(error?: SnakepitError): void {
    for (const trace of this.#traces) trace.ended(error);
  }
}
