import {
  type CallInfo,
  type CallTrace,
  type EventName,
  type Instrumentation,
  type Logger,
  noInstrumentation,
  type RedactionConfig,
  type SnakepitError,
  type SnakepitEvents,
  toSnakepitError,
} from "@snakepit/core";
import { AttachedInstrumentations } from "./attached-instrumentations.ts";
import { EventListeners, type Listener, type Unsubscribe } from "./events/event-listeners.ts";
import { logEvent } from "./logs/log-event.ts";
import { createRedactor } from "./logs/redactor.ts";
import { type HeldRecords, StartLogger } from "./logs/start-logger.ts";
import { guardedLogger, stderrLogger } from "./logs/stderr-logger.ts";
import { OpenTelemetry } from "./opentelemetry/opentelemetry.ts";

/** The options of {@link createTelemetry}. */
export interface TelemetryOptions {
  /** Receives output and log records of workers, and problems. Default: lines on stderr. `false` disables logging. */
  readonly logger?: Logger | false | undefined;
  /** Names and patterns to redact in log records, in addition to the built-in ones. */
  readonly redact?: RedactionConfig | undefined;
  /** Receives all events and traces all calls, instead of OpenTelemetry. */
  readonly instrumentation?: Instrumentation | undefined;
}

/** The instrumentation of a host. It passes events to the listeners, the logger and OpenTelemetry. */
export interface Telemetry extends Instrumentation {
  /**
   * Calls `listener` synchronously with each event of this name, in the order of subscription. When a listener throws
   * or its promise rejects, only its first error is logged.
   */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): Unsubscribe;
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
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const log = new StartLogger(loggerOf(options));
  const listeners = new EventListeners(log);
  const openTelemetry = options.instrumentation === undefined ? new OpenTelemetry(log) : undefined;
  const instrumentation = new ShieldedInstrumentation(openTelemetry ?? options.instrumentation, log);
  const attached = new AttachedInstrumentations();
  return {
    log,
    holdBack: () => log.holdBack(),
    on: (name, listener) => listeners.add(name, listener),
    emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]) {
      logEvent(log, name, event);
      instrumentation.emit(name, event);
      attached.emit(name, event);
      listeners.emit(name, event);
    },
    attach: (added) => attached.add(added),
    startCall: (call: CallInfo): CallTrace | undefined => attached.startCall(call, instrumentation.startCall(call)),
    ready: () => openTelemetry?.ready() ?? Promise.resolve(),
    close() {
      openTelemetry?.close();
      listeners.clear();
      attached.clear();
    },
  };
}

function loggerOf({ logger = stderrLogger(), redact }: TelemetryOptions): Logger {
  return logger === false ? silentLogger : createRedactor(redact).logger(guardedLogger(logger));
}

const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Isolates calls from errors of an instrumentation. The first error is logged. */
class ShieldedInstrumentation implements Instrumentation {
  readonly #inner: Instrumentation;
  readonly #log: Logger;
  #failed = false;

  constructor(inner: Instrumentation | undefined, log: Logger) {
    this.#inner = inner ?? noInstrumentation;
    this.#log = log;
  }

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    try {
      this.#inner.emit(name, event);
    } catch (thrown) {
      this.report(thrown);
    }
  }

  startCall(call: CallInfo): CallTrace | undefined {
    try {
      const trace = this.#inner.startCall(call);
      return trace === undefined ? undefined : new ShieldedTrace(trace, this);
    } catch (thrown) {
      this.report(thrown);
      return undefined;
    }
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
    this.traceparent = trace.traceparent;
    this.#trace = trace;
    this.#shield = shield;
  }

  dispatched(workerId: string): void {
    try {
      this.#trace.dispatched(workerId);
    } catch (thrown) {
      this.#shield.report(thrown);
    }
  }

  ended(error?: SnakepitError): void {
    try {
      this.#trace.ended(error);
    } catch (thrown) {
      this.#shield.report(thrown);
    }
  }
}
