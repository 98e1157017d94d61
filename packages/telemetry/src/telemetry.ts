import {
  type CallInfo,
  type CallTrace,
  type EventName,
  type ExecutionMs,
  type HostToolInfo,
  type HostToolTrace,
  type Instrumentation,
  type ListenedEvents,
  type Logger,
  noInstrumentation,
  type RedactionConfig,
  type ResolvedLogs,
  type ResolvedPythonTelemetry,
  type SnakepitError,
  type SnakepitEvents,
  type TraceLocation,
  toSnakepitError,
  type WorkerEvent,
  type WorkerSpan,
  watchReturned,
} from "@snakepit/core";
import { AttachedInstrumentations } from "./attached-instrumentations.ts";
import { CallReport, StreamReport } from "./events/call-report.ts";
import type { AnyListener, Listener } from "./events/event-channel.ts";
import { EventListeners, isOnDemand, type ListenerOptions, type Unsubscribe } from "./events/event-listeners.ts";
import { builtInLogger } from "./logs/built-in-logger.ts";
import { guardedLogger } from "./logs/guarded-logger.ts";
import { logEvent } from "./logs/log-event.ts";
import { effectiveLogs, filteredLogger } from "./logs/log-levels.ts";
import { createRedactor } from "./logs/redactor.ts";
import { type HeldRecords, StartLogger } from "./logs/start-logger.ts";
import { COUNTED_ON_DEMAND } from "./metrics/event-counters.ts";
import { HostMetrics } from "./metrics/host-metrics.ts";
import { PoolCounts } from "./metrics/pool-counts.ts";
import { OpenTelemetry } from "./opentelemetry/opentelemetry.ts";
import { PythonTelemetry } from "./python/python-telemetry.ts";
import { checkedTraceparent, type Shield, ShieldedHostToolTrace } from "./shielded-host-tool-trace.ts";

/** The options of {@link createTelemetry}. */
export interface TelemetryOptions {
  /**
   * Receives output and log records of workers, and problems. Default: a logger that writes lines to stderr. `false`
   * disables logging.
   */
  readonly logger?: Logger | false | undefined;
  /** The levels of the records, and the format of the default logger. The environment overrides them. */
  readonly logs?: Partial<ResolvedLogs> | undefined;
  /** Names and patterns to redact in log records, in addition to the built-in ones. */
  readonly redact?: RedactionConfig | undefined;
  /** Receives all events and traces all calls, instead of OpenTelemetry. */
  readonly instrumentation?: Instrumentation | undefined;
  /** What workers record. Default: what is received. */
  readonly pythonTelemetry?: ResolvedPythonTelemetry | undefined;
}

/** The instrumentation of a host. It passes events to the listeners, the logger and OpenTelemetry. */
export interface Telemetry extends Instrumentation {
  /** Which events on demand have a listener, or are received by the instrumentation. */
  readonly listens: ListenedEvents;
  /**
   * Calls `listener` synchronously with each event of this name or of these names, in the order of subscription. When a
   * listener throws or its promise rejects, only its first error is logged.
   *
   * @param options.signal ends the subscription when it aborts.
   */
  on<Name extends EventName>(
    names: Name | readonly Name[],
    listener: Listener<Name>,
    options?: ListenerOptions,
  ): Unsubscribe;
  /** Calls `listener` with each event of any name, after the listeners of that name; otherwise like {@link on}. */
  onAny(listener: AnyListener, options?: ListenerOptions): Unsubscribe;
  /** The measurements of the host. */
  readonly metrics: HostMetrics;
  /** What workers record, and its settings. */
  readonly workerTelemetry: PythonTelemetry;
  /**
   * Adds an instrumentation that receives all events and traces all calls from now on. It and its traces must not
   * throw. Returns a function that removes it.
   */
  attach(instrumentation: Instrumentation): Unsubscribe;
  /** The logger of the host. Its records are redacted. */
  readonly log: Logger;
  /** Holds back the records of the starting host. Output and log records of workers are written immediately. */
  holdBack(): HeldRecords;
  /**
   * Resolves when calls are traced; immediately without an OpenTelemetry SDK. Calls do not wait for it: earlier calls
   * are not traced.
   */
  ready(): Promise<void>;
  /** Removes all listeners and stops the use of OpenTelemetry. */
  close(): void;
}

/**
 * Creates the instrumentation of a host.
 *
 * Spans and metrics are exported through the OpenTelemetry SDK that the application sets up before or after the start.
 * Without an SDK, each call only reads a global variable.
 *
 * @throws SnakepitError `INVALID_CONFIG` for invalid environment variables `SNAKEPIT_LOG_LEVEL` and
 *   `SNAKEPIT_LOG_FORMAT`.
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const log = new StartLogger(loggerOf(options));
  const python = new PythonTelemetry(options.pythonTelemetry);
  const onTracing = (isTracing: boolean) => python.setTracing(isTracing);
  let isMeasuring = false;
  const metrics: HostMetrics = new HostMetrics(new PoolCounts(), () => {
    isMeasuring = true;
    const stop = listeners.add(COUNTED_ON_DEMAND, (event, name) => metrics.record(name, event));
    return () => {
      isMeasuring = false;
      stop();
    };
  });
  const openTelemetry = options.instrumentation === undefined ? new OpenTelemetry(log, metrics, onTracing) : undefined;
  const instrumentation = new ShieldedInstrumentation(openTelemetry ?? options.instrumentation, log);
  const listeners = new EventListeners(log, instrumentation, (listened) => python.setListened(listened));
  const { listens, channels } = listeners;
  const attached = new AttachedInstrumentations((samplesSpans) => python.setSampling(samplesSpans));
  return {
    log,
    metrics,
    listens,
    holdBack: () => log.holdBack(),
    workerTelemetry: python,
    on: (names, listener, given) => listeners.add(typeof names === "string" ? [names] : names, listener, given),
    onAny: (listener, given) => listeners.addAny(listener, given),
    emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]) {
      if (!isOnDemand(name)) {
        logEvent(log, name, event);
        metrics.record(name, event);
      }
      attached.emit(name, event);
      listeners.emit(name, event);
    },
    startCall(call: CallInfo, now = performance.now()): CallTrace | undefined {
      const own = instrumentation.startCall(call, now);
      const traced = attached.hasAny ? attached.startCall(call, now, own) : own;
      const trace = isMeasuring ? metrics.startCall(call, traced, now) : traced;
      if (call.streaming && (channels["stream.started"].isOpen || channels["stream.ended"].isOpen)) {
        return new StreamReport(call, channels, trace, now);
      }
      const { "call.started": started, "call.dispatched": dispatched, "call.ended": ended } = channels;
      if (started.isOpen || dispatched.isOpen || ended.isOpen) return new CallReport(call, channels, trace, now);
      return trace;
    },
    startHostTool: (call) => instrumentation.startHostTool(call),
    attach: (added) => attached.add(added),
    ready: () => openTelemetry?.ready() ?? Promise.resolve(),
    close() {
      openTelemetry?.close();
      listeners.clear();
      attached.clear();
    },
  };
}

function loggerOf({ logger, logs = {}, redact }: TelemetryOptions): Logger {
  const effective = effectiveLogs(logs, process.env);
  if (logger === false) return silentLogger;
  const target = logger ?? builtInLogger(effective.format, process.stderr, process.env);
  const redactor = createRedactor(redact);
  const guarded = guardedLogger(redactor.logger(target), redactor.text);
  // A logger of the program has its own level.
  return filteredLogger(guarded, effective, logger === undefined ? "info" : "debug");
}

const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Isolates calls from errors of an instrumentation, also from rejected promises that it returns. The first error is
 * logged.
 */
class ShieldedInstrumentation implements Instrumentation, Shield {
  /** A copy: the events on demand that an instrumentation receives do not change. */
  readonly listens: Partial<ListenedEvents>;
  readonly #inner: Instrumentation;
  readonly #log: Logger;
  #failed = false;

  constructor(inner: Instrumentation | undefined, log: Logger) {
    this.#inner = inner ?? noInstrumentation;
    this.listens = { ...inner?.listens };
    this.#log = log;
  }

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    try {
      this.watch(this.#inner.emit(name, event));
    } catch (thrown) {
      this.report(thrown);
    }
  }

  startCall(call: CallInfo, now: number): CallTrace | undefined {
    try {
      const trace = this.#inner.startCall(call, now);
      return trace === undefined ? undefined : new ShieldedTrace(trace, this);
    } catch (thrown) {
      this.report(thrown);
      return undefined;
    }
  }

  startHostTool(call: HostToolInfo): HostToolTrace | undefined {
    try {
      const trace = this.#inner.startHostTool?.(call);
      return trace === undefined ? undefined : new ShieldedHostToolTrace(trace, this);
    } catch (thrown) {
      this.report(thrown);
      return undefined;
    }
  }

  /** Reports the rejection of a promise that a method without a result has returned. */
  watch(returned: unknown): void {
    if (returned !== undefined) watchReturned(returned, (thrown) => this.report(thrown));
  }

  report(thrown: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const error = toSnakepitError(thrown, "INTERNAL", "the instrumentation failed");
    this.#log.error({ err: error }, `${error.message} (further failures are not logged)`);
  }
}

class ShieldedTrace implements CallTrace {
  readonly traceparent: string | undefined;
  readonly #trace: CallTrace;
  readonly #shield: ShieldedInstrumentation;

  constructor(trace: CallTrace, shield: ShieldedInstrumentation) {
    this.traceparent = checkedTraceparent(trace);
    this.#trace = trace;
    this.#shield = shield;
  }

  dispatched(workerId: string, now: number): void {
    try {
      this.#shield.watch(this.#trace.dispatched(workerId, now));
    } catch (thrown) {
      this.#shield.report(thrown);
    }
  }

  returned(): void {
    try {
      this.#shield.watch(this.#trace.returned?.());
    } catch (thrown) {
      this.#shield.report(thrown);
    }
  }

  chunk(byteLength: number, outstanding: number): void {
    try {
      this.#shield.watch(this.#trace.chunk?.(byteLength, outstanding));
    } catch (thrown) {
      this.#shield.report(thrown);
    }
  }

  granted(): void {
    try {
      this.#shield.watch(this.#trace.granted?.());
    } catch (thrown) {
      this.#shield.report(thrown);
    }
  }

  executed(executionMs: ExecutionMs): void {
    try {
      this.#shield.watch(this.#trace.executed?.(executionMs));
    } catch (thrown) {
      this.#shield.report(thrown);
    }
  }

  ended(error?: SnakepitError): void {
    try {
      this.#shield.watch(this.#trace.ended(error));
    } catch (thrown) {
      this.#shield.report(thrown);
    }
  }

  workerSpans(spans: readonly WorkerSpan[], events: readonly WorkerEvent[]): void {
    try {
      this.#shield.watch(this.#trace.workerSpans?.(spans, events));
    } catch (thrown) {
      this.#shield.report(thrown);
    }
  }

  locate(spanId: string): TraceLocation | undefined {
    try {
      return this.#trace.locate?.(spanId);
    } catch (thrown) {
      this.#shield.report(thrown);
      return undefined;
    }
  }

  workerEnded(): void {
    try {
      this.#shield.watch(this.#trace.workerEnded?.());
    } catch (thrown) {
      this.#shield.report(thrown);
    }
  }
}
