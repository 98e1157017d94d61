import type { HostToolTrace } from "@snakepit/core";

/** Receives the errors of an instrumentation. */
export interface Shield {
  /** Reports the rejection of a promise that a method without a result has returned. */
  watch(returned: unknown): void;
  report(thrown: unknown): void;
}

/** Isolates a host tool from the errors of its trace. */
export class ShieldedHostToolTrace implements HostToolTrace {
  readonly traceparent: string | undefined;
  readonly #trace: HostToolTrace;
  readonly #shield: Shield;

  constructor(trace: HostToolTrace, shield: Shield) {
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

/** Returns the trace context of a trace. One that is no string could not be sent. */
export function checkedTraceparent({ traceparent }: { readonly traceparent: unknown }): string | undefined {
  return typeof traceparent === "string" ? traceparent : undefined;
}
