import {
  type EventRecord,
  type Frame,
  type Heartbeat,
  type Log,
  LogSource,
  type Payload,
  type SpanRecord,
  type Telemetry,
} from "@snakepit/bridge-proto";
import {
  type Instrumentation,
  isPlainObject,
  readTraceparent,
  SnakepitError,
  type TelemetryAttributes,
  type Unsubscribe,
  type WorkerCall,
  type WorkerEvent,
  type WorkerSpan,
  type WorkerTelemetryControl,
  type WorkerVitals,
} from "@snakepit/core";
import { OutputTail } from "../stderr-tail.ts";
import { valueOfPayload } from "./active-call.ts";
import { readHeartbeat } from "./heartbeat.ts";
import { recordOfLog } from "./log-record.ts";
import { protocolViolation } from "./request-table.ts";
import { contextIn, locationIn } from "./trace-location.ts";

/** The collaborators of a {@link WorkerReports}. */
export interface WorkerReportsOptions {
  readonly pool: string;
  readonly workerId: string;
  readonly instrumentation: Instrumentation;
  /** Sends a frame to the worker. */
  readonly send: (frame: Frame) => void;
  /** Returns an active call. */
  readonly callOf: (id: number) => WorkerCall | undefined;
}

/** The spans and events of one call in a message. */
interface CallRecords {
  readonly spans: WorkerSpan[];
  readonly events: WorkerEvent[];
}

const NO_BUFFERS: readonly Uint8Array[] = [];

/** Sends a worker the settings of its telemetry, and passes on what it reports. */
export class WorkerReports {
  readonly #options: WorkerReportsOptions;
  readonly #unsubscribe: Unsubscribe | undefined;
  readonly #stderr = new OutputTail();
  #isOn = false;

  constructor(options: WorkerReportsOptions) {
    this.#options = options;
    this.#unsubscribe = options.instrumentation.workerTelemetry?.subscribe((control) => this.#send(control));
  }

  /** The last lines that Python code wrote to `sys.stderr`. */
  get stderrTail(): string {
    return this.#stderr.toString();
  }

  /** Sends the settings; called when the worker is accepted. A worker without settings records nothing. */
  begin(): void {
    const control = this.#options.instrumentation.workerTelemetry?.control;
    if (control !== undefined) this.#send(control);
  }

  /** Ends the subscription to the settings. */
  close(): void {
    this.#unsubscribe?.();
  }

  /**
   * Passes on a message: first to the traces of the calls, then as events.
   *
   * @throws SnakepitError `PROTOCOL_MISMATCH` if it cannot be decoded.
   */
  receive(telemetry: Telemetry): void {
    const { instrumentation, pool, workerId, callOf } = this.#options;
    for (const [callId, records] of this.#byCall(telemetry)) {
      const call = callOf(callId);
      if (call !== undefined) call.trace?.workerSpans?.(records.spans, records.events);
      this.#emit(call, records);
    }
    if (instrumentation.listens?.["python.gc"] === true) {
      for (const { generation, timeUnixUs, durationUs, collected, uncollectable } of telemetry.collections) {
        const times = { startedAt: timeUnixUs / 1_000, durationMs: durationUs / 1_000 };
        instrumentation.emit("python.gc", { pool, workerId, generation, ...times, collected, uncollectable });
      }
    }
    const { droppedSpans: spans, droppedEvents: events } = telemetry;
    if (spans + events > 0) instrumentation.emit("python.dropped", { pool, workerId, spans, events });
  }

  /** Returns the content of a heartbeat that has arrived now, `before` being the previous one, and emits its event. */
  receiveHeartbeat(heartbeat: Heartbeat, before: WorkerVitals | undefined): WorkerVitals {
    return readHeartbeat(heartbeat, this.#options, before, this.#options.instrumentation);
  }

  /** Passes on a line that the worker printed, or a record that it logged. */
  receiveLog(log: Log): void {
    const { instrumentation, callOf } = this.#options;
    if (log.source === LogSource.STDERR) this.#stderr.push(`${log.message}\n`);
    const call = callOf(log.callId);
    instrumentation.emit("worker.log", recordOfLog(log, this.#options, call, contextIn(call, log.traceparent)));
  }

  #send(control: WorkerTelemetryControl): void {
    const { enabled, traces, allSpans, allEvents, gc, sampledCallsPerSecond } = control;
    const isOn = enabled && (traces || allSpans || allEvents || gc || sampledCallsPerSecond > 0);
    // A worker that has received no settings records nothing.
    if (!isOn && !this.#isOn) return;
    this.#isOn = isOn;
    this.#options.send({
      kind: {
        $case: "telemetryControl",
        value: {
          enabled,
          samplingRatio: control.sampling,
          traces,
          allSpans,
          allEvents,
          spanFilters: [...control.spans],
          eventFilters: [...control.events],
          maxPerSecond: control.maxPerSecond,
          garbageCollections: gc,
          sampledCallsPerSecond,
        },
      },
    });
  }

  #byCall(telemetry: Telemetry): Map<number, CallRecords> {
    const calls = new Map<number, CallRecords>();
    const recordsOf = (callId: number): CallRecords => {
      const found = calls.get(callId);
      if (found !== undefined) return found;
      const records: CallRecords = { spans: [], events: [] };
      calls.set(callId, records);
      return records;
    };
    for (const span of telemetry.spans) recordsOf(span.callId).spans.push(this.#span(span));
    for (const event of telemetry.events) recordsOf(event.callId).events.push(this.#event(event));
    return calls;
  }

  #emit(call: WorkerCall | undefined, { spans, events }: CallRecords): void {
    const { instrumentation, pool, workerId } = this.#options;
    const { listens } = instrumentation;
    const caller = call && factsOf(call);
    if (listens?.["python.event"] === true) {
      for (const { name: event, timeUs, measurements, metadata, spanId } of events) {
        const origin = call && { ...caller, ...locationIn(call, spanId) };
        const emittedAt = timeUs / 1_000;
        instrumentation.emit("python.event", { pool, workerId, event, measurements, metadata, emittedAt, ...origin });
      }
    }
    if (listens?.["python.span"] !== true || caller === undefined) return;
    for (const { name, startUs, endUs, attributes, error, isExecution, spanId, parentId, isExported } of spans) {
      if (endUs === undefined || isExported) continue;
      instrumentation.emit("python.span", {
        pool,
        workerId,
        ...caller,
        span: name,
        id: spanId,
        ...(parentId !== undefined && { parentId }),
        isExecution,
        startedAt: startUs / 1_000,
        durationMs: (endUs - startUs) / 1_000,
        attributes,
        ...(error !== undefined && { errorType: error.type, errorMessage: error.message }),
      });
    }
  }

  #span(record: SpanRecord): WorkerSpan {
    const { traceparent, parentSpanId, name, startUnixUs, endUnixUs, attributes, failure, execution } = record;
    const python = failure?.python;
    return {
      spanId: spanIdIn(traceparent),
      parentId: parentSpanId === "" ? undefined : parentSpanId,
      name,
      startUs: startUnixUs,
      endUs: endUnixUs === 0 ? undefined : Math.max(startUnixUs, endUnixUs),
      attributes: this.#attributes(attributes),
      error: failure && {
        type: python === undefined || python.module === "" ? (python?.type ?? failure.code) : qualified(python),
        message: failure.message,
      },
      isExecution: execution,
      isExported: record.exported,
    };
  }

  #event({ name, timeUnixUs, attributes, measurements, spanId }: EventRecord): WorkerEvent {
    return {
      name,
      timeUs: timeUnixUs,
      measurements: this.#attributes(measurements) as Readonly<Record<string, number>>,
      metadata: this.#attributes(attributes),
      spanId: spanId === "" ? undefined : spanId,
    };
  }

  /** Decodes attributes, which never have buffers. */
  #attributes(payload: Payload | undefined): TelemetryAttributes {
    if (payload === undefined) return {};
    let decoded: unknown;
    try {
      decoded = valueOfPayload(payload, NO_BUFFERS);
    } catch (thrown) {
      throw new SnakepitError("PROTOCOL_MISMATCH", `worker "${this.#options.workerId}" sent invalid telemetry`, {
        pool: this.#options.pool,
        workerId: this.#options.workerId,
        cause: thrown,
      });
    }
    if (isPlainObject(decoded) && Object.values(decoded).every(isAttribute)) return decoded as TelemetryAttributes;
    throw protocolViolation(this.#options, "attributes that are not scalars or arrays of them");
  }
}

function factsOf({ tool, correlationId, sessionId }: WorkerCall) {
  return { tool, correlationId, ...(sessionId !== undefined && { sessionId }) };
}

/** The ID is the third part of a trace context, or follows a hyphen if the worker knows no trace. */
function spanIdIn(traceparent: string): string {
  return readTraceparent(traceparent)?.spanId ?? traceparent.slice(1);
}

function qualified({ module, type }: { readonly module: string; readonly type: string }): string {
  return module === "builtins" ? type : `${module}.${type}`;
}

function isAttribute(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isScalar) : isScalar(value);
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
