import type {
  CallInfo,
  CallTrace,
  EventName,
  ExecutionMs,
  Instrumentation,
  SnakepitError,
  SnakepitEvents,
  TraceLocation,
  WorkerEvent,
  WorkerSpan,
} from "@snakepit/core";
import type { Unsubscribe } from "./events/event-listeners.ts";

/** Instrumentations that are added to a running host, and removed again, for example while a dashboard is open. */
export class AttachedInstrumentations {
  /** Whether there is any. A field, so that the path of a call without one does not enter this file. */
  hasAny = false;
  readonly #onSampling: (samplesSpans: boolean) => void;
  /** Replaced by each change, so that a change during an event applies to the next one. */
  #attached: readonly Instrumentation[] = [];

  /** @param onSampling receives whether any of them shows Python spans, after each change. */
  constructor(onSampling: (samplesSpans: boolean) => void) {
    this.#onSampling = onSampling;
  }

  /** Adds an instrumentation, which must not throw. Returns a function that removes it. */
  add(instrumentation: Instrumentation): Unsubscribe {
    this.#set([...this.#attached, instrumentation]);
    return () => this.#set(this.#attached.filter((each) => each !== instrumentation));
  }

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    for (const instrumentation of this.#attached) instrumentation.emit(name, event);
  }

  /**
   * Starts to trace a call in addition to `own`, the trace of the host's instrumentation.
   *
   * @param now the time on the monotonic clock.
   */
  startCall(call: CallInfo, now: number, own: CallTrace | undefined): CallTrace | undefined {
    // No array: this runs for each call while a dashboard is open.
    let trace = own;
    for (const instrumentation of this.#attached) {
      const added = instrumentation.startCall(call, now);
      if (added !== undefined) trace = trace === undefined ? added : new JoinedTrace(trace, added);
    }
    return trace;
  }

  clear(): void {
    this.#set([]);
  }

  #set(attached: readonly Instrumentation[]): void {
    this.#attached = attached;
    this.hasAny = attached.length > 0;
    this.#onSampling(attached.some(({ samplesSpans }) => samplesSpans === true));
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

  dispatched(workerId: string, now?: number): void {
    this.#first.dispatched(workerId, now);
    this.#second.dispatched(workerId, now);
  }

  returned(): void {
    this.#first.returned?.();
    this.#second.returned?.();
  }

  chunk(byteLength: number, outstanding: number): void {
    this.#first.chunk?.(byteLength, outstanding);
    this.#second.chunk?.(byteLength, outstanding);
  }

  granted(): void {
    this.#first.granted?.();
    this.#second.granted?.();
  }

  executed(executionMs: ExecutionMs): void {
    this.#first.executed?.(executionMs);
    this.#second.executed?.(executionMs);
  }

  ended(error?: SnakepitError): void {
    this.#first.ended(error);
    this.#second.ended(error);
  }

  workerSpans(spans: readonly WorkerSpan[], events: readonly WorkerEvent[]): void {
    this.#first.workerSpans?.(spans, events);
    this.#second.workerSpans?.(spans, events);
  }

  locate(spanId: string): TraceLocation | undefined {
    return this.#first.locate?.(spanId) ?? this.#second.locate?.(spanId);
  }

  workerEnded(): void {
    this.#first.workerEnded?.();
    this.#second.workerEnded?.();
  }
}
