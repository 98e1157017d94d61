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
  type SnakepitError,
  type SnakepitEvents,
  type TraceLocation,
  toSnakepitError,
  type WorkerEvent,
  type WorkerSpan,
  watchReturned,
} from "@snakepit/core";

/**
 * Isolates calls from errors of an instrumentation, also from rejected promises that it returns. The first error is
 * logged.
 */
export class ShieldedInstrumentation implements Instrumentation {
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

class ShieldedHostToolTrace implements HostToolTrace {
  readonly traceparent: string | undefined;
  readonly #trace: HostToolTrace;
  readonly #shield: ShieldedInstrumentation;

  constructor(trace: HostToolTrace, shield: ShieldedInstrumentation) {
    this.traceparent = checkedTraceparent(trace);
    this.#trace = trace;
    this.#shield = shield;
  }

  /** Runs `work` exactly once, whatever the instrumentation does, and returns or throws what `work` does. */
  run<Result>(work: () => Result): Result {
    const once = new OneRun(work);
    try {
      this.#trace.run(() => once.run());
    } catch (thrown) {
      if (!once.hasThrown(thrown)) this.#shield.report(thrown);
    }
    return once.result();
  }

  ended(error?: unknown): void {
    try {
      this.#shield.watch(this.#trace.ended(error));
    } catch (thrown) {
      this.#shield.report(thrown);
    }
  }
}

type Outcome<Result> =
  | { readonly is: "pending" }
  | { readonly is: "value"; readonly value: Result }
  | { readonly is: "thrown"; readonly thrown: unknown };

/** A function that runs once, however often it is requested. */
class OneRun<Result> {
  readonly #work: () => Result;
  #outcome: Outcome<Result> = { is: "pending" };

  constructor(work: () => Result) {
    this.#work = work;
  }

  /** Runs the function, unless it has run. */
  run(): Result {
    if (this.#outcome.is === "pending") {
      try {
        this.#outcome = { is: "value", value: this.#work() };
      } catch (thrown) {
        this.#outcome = { is: "thrown", thrown };
      }
    }
    return this.result();
  }

  /** Whether the function has thrown this value. */
  hasThrown(thrown: unknown): boolean {
    return this.#outcome.is === "thrown" && this.#outcome.thrown === thrown;
  }

  /** Returns what the function returns, or throws what it throws. */
  result(): Result {
    const outcome = this.#outcome;
    switch (outcome.is) {
      case "pending":
        return this.run();
      case "value":
        return outcome.value;
      case "thrown":
        throw outcome.thrown;
      default:
        return outcome satisfies never;
    }
  }
}

/** A trace context that is no string could not be sent. */
function checkedTraceparent({ traceparent }: { readonly traceparent: unknown }): string | undefined {
  return typeof traceparent === "string" ? traceparent : undefined;
}
