import type { Unsubscribe } from "../async/abort-fan-out.ts";

/** An attribute of a span or an event of a worker. */
export type TelemetryAttribute = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[];

/** Attributes by name. */
export type TelemetryAttributes = Readonly<Record<string, TelemetryAttribute>>;

/** A span that a worker has recorded. Times are microseconds since 1970, on the clock of the worker. */
export interface WorkerSpan {
  /** Unique on the connection of the worker. */
  readonly spanId: string;
  /** A span of the same call; absent for a child of the execution or of the call. */
  readonly parentId: string | undefined;
  readonly name: string;
  readonly startUs: number;
  /** `undefined` while it is open; it is then reported again. */
  readonly endUs: number | undefined;
  readonly attributes: TelemetryAttributes;
  /** The exception that has left the span. */
  readonly error: { readonly type: string; readonly message: string } | undefined;
  /** Whether it is the execution of the call. */
  readonly isExecution: boolean;
  /** Whether the worker exports the span itself. */
  readonly isExported: boolean;
}

/** An event that a tool has emitted in a call. */
export interface WorkerEvent {
  readonly name: string;
  /** Microseconds since 1970, on the clock of the worker. */
  readonly timeUs: number;
  readonly measurements: Readonly<Record<string, number>>;
  readonly metadata: TelemetryAttributes;
  /** The span in which it was emitted. */
  readonly spanId: string | undefined;
}

/** What workers record and report. */
export interface WorkerTelemetryControl {
  readonly enabled: boolean;
  /** The share of the calls whose spans and events are recorded, from 0 to 1. */
  readonly sampling: number;
  /** Whether the spans of calls with a sampled trace context are recorded. */
  readonly traces: boolean;
  /** Whether the spans of all calls are recorded. */
  readonly allSpans: boolean;
  /** Whether the events of all calls are recorded. */
  readonly allEvents: boolean;
  /** Names of spans; one that ends in `.*` stands for all that begin with it, and `*` for all. */
  readonly spans: readonly string[];
  /** Names of events, as for spans. */
  readonly events: readonly string[];
  /** The maximum number of spans and events of a worker in a second. */
  readonly maxPerSecond: number;
  readonly gc: boolean;
  /** The spans of this number of calls of a worker in a second are recorded anyway; 0 for none. */
  readonly sampledCallsPerSecond: number;
}

/** What workers are to record, and its changes. */
export interface WorkerTelemetrySource {
  readonly control: WorkerTelemetryControl;
  /** Calls `listener` after each change. */
  subscribe(listener: (control: WorkerTelemetryControl) => void): Unsubscribe;
}
