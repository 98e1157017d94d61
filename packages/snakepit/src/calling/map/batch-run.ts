import { SnakepitError, toSnakepitError, type Unsubscribe, watchAbort } from "@snakepit/core";
import type { MapPlan } from "./map-options.ts";

/** The outcome of the call of one item. */
export type MapOutcome<Value = unknown> =
  | { readonly index: number; readonly status: "fulfilled"; readonly value: Value }
  | { readonly index: number; readonly status: "rejected"; readonly reason: SnakepitError };

/** Makes the call of one item. Encodes arguments before it returns, unless `toArgs` is async. */
export type ItemCall = (item: unknown, index: number, signal: AbortSignal) => Promise<unknown>;

/** The items of a batch and the call for each. */
export interface BatchTask {
  readonly tool: string;
  readonly source: Iterator<unknown> | AsyncIterator<unknown>;
  /** Returns the current number of items, if it is known. */
  readonly total: () => number | undefined;
  readonly concurrency: number;
  readonly call: ItemCall;
}

/** Receives the outcomes of a batch. */
export interface BatchSink {
  /** Called after each call; the sink calls {@link BatchRun.taken} when it no longer holds the outcome. */
  outcome(outcome: MapOutcome): void;
  /** Called once, after the last outcome; with the error that ended the batch, if any. */
  end(error?: SnakepitError): void;
}

type BatchState = "idle" | "running" | "ended";

/**
 * Makes a call for each item. The concurrency limits the active calls and the outcomes that the sink holds, together.
 * Reads one item at a time from the source, when another call may start.
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

  /** Reports that the sink no longer holds a number of outcomes. */
  taken(outcomes: number): void {
    this.#taken += outcomes;
    void this.#pull();
  }

  /** Ends the batch with an error: cancels the active calls and reads no further items. */
  fail(error: SnakepitError): void {
    if (this.#state === "ended") return;
    // Reports the first failure; an error while the source is closed would hide it.
    this.#stop()?.catch(() => {});
    this.#sink.end(error);
  }

  /**
   * Ends the batch without an error. Resolves when the source is closed; does not wait for an item that is being read.
   */
  async stop(): Promise<void> {
    if (this.#state === "ended") return;
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
    this.#state = "ended";
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
        // Awaits the items of an array of promises, as `for await` does.
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

  /** Calls `onProgress`; returns a promise when the callback is async. Its errors end the batch. */
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
    this.#state = "ended";
    this.#unwatch?.();
    this.#sink.end();
  }
}

function cancelled(tool: string, signal: AbortSignal): SnakepitError {
  return new SnakepitError("CANCELLED", `map() of tool "${tool}" was cancelled by its AbortSignal`, {
    cause: signal.reason,
  });
}

/** Returns the error of a call with the index of its item. */
function ofItem(error: SnakepitError, index: number): SnakepitError {
  const { code, message, cause, details, retryable, python, hostException } = error;
  const { pool, workerId, callId, sessionId, traceId } = error;
  return new SnakepitError(code, `items[${index}]: ${message}`, {
    cause,
    retryable,
    details: { ...details, index },
    ...(python !== undefined && { python }),
    ...(hostException !== undefined && { hostException }),
    ...(pool !== undefined && { pool }),
    ...(workerId !== undefined && { workerId }),
    ...(callId !== undefined && { callId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(traceId !== undefined && { traceId }),
  });
}
