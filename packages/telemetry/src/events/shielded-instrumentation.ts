import {
  type CallInfo,
  type CallTrace,
  type EventName,
  type Instrumentation,
  type Logger,
  noInstrumentation,
  type SnakepitError,
  type SnakepitEvents,
  toSnakepitError,
} from "@snakepit/core";

/** Isolates calls from errors of an instrumentation. The first error is logged. */
export class ShieldedInstrumentation implements Instrumentation {
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
