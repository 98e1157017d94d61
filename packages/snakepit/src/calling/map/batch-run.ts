import { SnakepitError, toSnakepitError, type Unsubscribe, watchAbort } from "@snakepit/core";
import type { MapPlan } from "./map-options.ts";

/** How the call of one item ended. */
export type MapOutcome<Value = unknown> =
  | { readonly index: number; readonly status: "fulfilled"; readonly value: Value }
  | { readonly index: number; readonly status: "rejected"; readonly reason: SnakepitError };

/** Makes the call of one item. Arguments that need no waiting are encoded before it returns. */
export type ItemCall = (item: unknown, index: number, signal: AbortSignal) => Promise<unknown>;

/** What a batch does. */
export interface BatchTask {
  readonly tool: string;
  readonly source: Iterator<unknown> | AsyncIterator<unknown>;
  /** The number of items as of now, where the items report one. */
  readonly total: () => number | undefined;
  readonly concurrency: number;
  readonly call: ItemCall;
}

/** Who receives what comes of a batch. */
export interface BatchSink {
  /** One call has ended; the sink reports with {@link BatchRun.taken} when it does not hold the outcome any more. */
  outcome(outcome: MapOutcome): void;
  /** Nothing more comes. `error` when the batch was ended by one. */
  end(error?: SnakepitError): void;
}

type BatchState = "idle" | "running" | "over";

/**
 * Makes a call for each item, as many at a time as the concurrency allows: active calls and outcomes that the sink
 * holds count together. Items are taken from their source one at a time, when there is room for a call.
 */
export class BatchRun {
  readonly #task: BatchTask;
  readonly #plan: MapPlan;
  readonly #sink: BatchSink;
  readonly #calls = new AbortController();
  #state: BatchState = "idle";
  #unwatch: Unsubscribe | undefined;
  #source: "ready" | "reading" | "exhausted" = "ready";
  #started = 0;
  #taken = 0;
  #done = 0;
  #failed = 0;
  #reported = 0;

  constructor(task: BatchTask, plan: MapPlan, sink: BatchSink) {
    this.#task = task;
    this.#plan = plan;
    this.#sink = sink;
  }

  start(): void {
    if (this.#state !== "idle") return;
    this.#state = "running";
    const { signal } = this.#plan;
    if (signal?.aborted === true) {
      this.fail(cancelled(this.#task.tool, signal));
      return;
    }
    if (signal !== undefined) this.#unwatch = watchAbort(signal, () => this.fail(cancelled(this.#task.tool, signal)));
    void this.#pull();
  }

  /** The sink holds this many outcomes less. */
  taken(outcomes: number): void {
    this.#taken += outcomes;
    void this.#pull();
  }

  /** Ends it with an error: calls under way are cancelled, and no further items are taken. */
  fail(error: SnakepitError): void {
    if (this.#state === "over") return;
    // The first failure is the one that counts; an error of the source while it is closed would hide it.
    this.#stop()?.catch(() => {});
    this.#sink.end(error);
  }

  /** Ends it without an error. Resolves when the source has ended, unless an item of it is being waited for. */
  async stop(): Promise<void> {
    if (this.#state === "over") return;
    const reading = this.#source === "reading";
    const ended = this.#stop();
    this.#sink.end();
    if (reading) {
      ended?.catch(() => {});
      return;
    }
    try {
      await ended;
    } catch (thrown) {
      throw toSnakepitError(thrown, "INVALID_ARGUMENT", `closing the items of map("${this.#task.tool}") failed`);
    }
  }

  #stop(): Promise<unknown> | undefined {
    const began = this.#state === "running";
    this.#state = "over";
    this.#unwatch?.();
    this.#calls.abort();
    if (!began || this.#source === "exhausted") return undefined;
    this.#source = "exhausted";
    const { source } = this.#task;
    return (async () => source.return?.())();
  }

  async #pull(): Promise<void> {
    if (this.#source !== "ready") return;
    this.#source = "reading";
    try {
      while (this.#mayRead()) {
        const { done, value } = await this.#task.source.next();
        if (done === true) this.#source = "exhausted";
        // What an array of promises holds is waited for, as `for await` does.
        else this.#begin(await value);
      }
    } catch (thrown) {
      this.#source = "exhausted";
      this.fail(ofItem(toSnakepitError(thrown, "INVALID_ARGUMENT", "reading the item failed"), this.#started));
    }
    if (this.#source === "reading") this.#source = "ready";
    this.#endIfDone();
  }

  #mayRead(): boolean {
    if (this.#state !== "running" || this.#source !== "reading") return false;
    return this.#started - this.#taken < this.#task.concurrency;
  }

  #begin(item: unknown): void {
    if (this.#state !== "running") return;
    const index = this.#started;
    this.#started += 1;
    this.#task.call(item, index, this.#calls.signal).then(
      (value) => this.#ended({ index, status: "fulfilled", value }),
      (thrown: unknown) => this.#ended({ index, status: "rejected", reason: ofItem(toSnakepitError(thrown), index) }),
    );
  }

  #ended(outcome: MapOutcome): void {
    if (this.#state !== "running") return;
    this.#done += 1;
    if (outcome.status === "rejected") this.#failed += 1;
    const report = this.#report();
    if (report === undefined) this.#handOver(outcome);
    else void report.then(() => this.#handOver(outcome));
  }

  /** Reports the progress; a promise when the callback is async. What it throws ends the batch. */
  #report(): Promise<void> | undefined {
    const failed = (thrown: unknown) =>
      this.fail(toSnakepitError(thrown, "INVALID_ARGUMENT", `onProgress of map("${this.#task.tool}") failed`));
    try {
      const total = this.#task.total();
      const returned: unknown = this.#plan.onProgress?.({ done: this.#done, failed: this.#failed, total });
      return returned instanceof Promise ? returned.then(() => undefined, failed) : undefined;
    } catch (thrown) {
      failed(thrown);
      return undefined;
    }
  }

  #handOver(outcome: MapOutcome): void {
    if (this.#state !== "running") return;
    this.#reported += 1;
    this.#sink.outcome(outcome);
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#state !== "running" || this.#source !== "exhausted" || this.#reported < this.#started) return;
    this.#state = "over";
    this.#unwatch?.();
    this.#sink.end();
  }
}

function cancelled(tool: string, signal: AbortSignal): SnakepitError {
  return new SnakepitError("CANCELLED", `map() of tool "${tool}" was cancelled by its AbortSignal`, {
    cause: signal.reason,
  });
}

/** The error of a call, with the index of its item. */
function ofItem(error: SnakepitError, index: number): SnakepitError {
  const { code, message, cause, details, retryable, python, pool, workerId, callId } = error;
  return new SnakepitError(code, `items[${index}]: ${message}`, {
    cause,
    retryable,
    details: { ...details, index },
    ...(python !== undefined && { python }),
    ...(pool !== undefined && { pool }),
    ...(workerId !== undefined && { workerId }),
    ...(callId !== undefined && { callId }),
  });
}
