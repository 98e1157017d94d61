import type {
  CallInfo,
  CallTrace,
  EventName,
  Instrumentation,
  Logger,
  RedactionConfig,
  SnakepitEvents,
} from "@snakepit/core";
import { EventListeners, type Listener, type Unsubscribe } from "./events/event-listeners.ts";
import { ShieldedInstrumentation } from "./events/shielded-instrumentation.ts";
import { logEvent } from "./logs/log-event.ts";
import { createRedactor } from "./logs/redactor.ts";
import { type HeldRecords, StartLogger } from "./logs/start-logger.ts";
import { guardedLogger, stderrLogger } from "./logs/stderr-logger.ts";
import { OpenTelemetry } from "./opentelemetry/opentelemetry.ts";

export interface TelemetryOptions {
  /** Receives what workers print and log and what goes wrong; lines on stderr by default, nothing when `false`. */
  readonly logger?: Logger | false | undefined;
  /** What is taken out of log records beyond the names and patterns that always are. */
  readonly redact?: RedactionConfig | undefined;
  /** Receives every event and traces every call in place of OpenTelemetry. */
  readonly instrumentation?: Instrumentation | undefined;
}

/** The instrumentation of a host: hands what happens to listeners, the logger and OpenTelemetry. */
export interface Telemetry extends Instrumentation {
  /**
   * Calls `listener` with each event of this name, at once and in the order of subscription. A listener that throws,
   * or whose promise rejects, harms nothing: its first error goes to the logger.
   */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): Unsubscribe;
  /** Writes a record to the logger, redacted as those of the workers are. */
  readonly log: Logger;
  /** Holds back what the host has to say while it starts; what workers print and log is written at once. */
  holdBack(): HeldRecords;
  /**
   * Resolves when calls are traced: at once where no OpenTelemetry SDK is set up. Calls do not wait for it; those made
   * earlier are not traced.
   */
  ready(): Promise<void>;
  /** Lets go of OpenTelemetry and of all listeners. */
  close(): void;
}

/**
 * Makes the instrumentation of a host.
 *
 * Spans and metrics go to the OpenTelemetry SDK that the application has set up, whenever that was; without one they
 * cost a look at a global variable for each call.
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const log = new StartLogger(loggerOf(options));
  const listeners = new EventListeners(log);
  const openTelemetry = options.instrumentation === undefined ? new OpenTelemetry(log) : undefined;
  const instrumentation = new ShieldedInstrumentation(openTelemetry ?? options.instrumentation, log);
  return {
    log,
    holdBack: () => log.holdBack(),
    on: (name, listener) => listeners.add(name, listener),
    emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]) {
      logEvent(log, name, event);
      instrumentation.emit(name, event);
      listeners.emit(name, event);
    },
    startCall: (call: CallInfo): CallTrace | undefined => instrumentation.startCall(call),
    ready: () => openTelemetry?.ready() ?? Promise.resolve(),
    close() {
      openTelemetry?.close();
      listeners.clear();
    },
  };
}

function loggerOf({ logger = stderrLogger(), redact }: TelemetryOptions): Logger {
  return logger === false ? silentLogger : createRedactor(redact).logger(guardedLogger(logger));
}

const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
