import { CreditedStream, FixedWindow, rejectToCaller, SnakepitError, type StreamSource } from "@snakepit/core";
import { BatchRun, type BatchSink, type BatchTask, type MapOutcome } from "./batch-run.ts";
import type { MapPlan } from "./map-options.ts";

type Next<Value> = IteratorResult<Value, undefined>;

const DONE: Next<never> = { done: true, value: undefined };

/** The form of the results: values, or the outcomes of `settled()`. */
type Shape = "values" | "outcomes";

/** How the results are consumed: once, in one way. */
type Use<Value> =
  | { readonly is: "unused" }
  | { readonly is: "awaited"; readonly values: Promise<Value[]> }
  | { readonly is: "read"; readonly results: CreditedStream<Value> }
  | { readonly is: "closed" };

/** Returns the task and the options of a `map()`; throws when its arguments are invalid. */
export type Preparation = () => { readonly task: BatchTask; readonly plan: MapPlan };

/**
 * The results of a `map()`. `await` resolves with an array of all results; `for await` yields them one by one, with
 * back-pressure. The calls start with either of the two, and only one of the two can be used.
 *
 * The first call that fails cancels the others, and the `map()` rejects with its error; `error.details.index` is the
 * index of its item. With {@link settled}, the `map()` continues after failed calls.
 */
export class MapResults<Value> implements Promise<Value[]>, AsyncIterableIterator<Value, undefined>, AsyncDisposable {
  readonly [Symbol.toStringTag] = "MapResults";
  readonly #prepare: Preparation;
  readonly #shape: Shape;
  #use: Use<Value> = { is: "unused" };

  /** Created by `map()`. */
  constructor(prepare: Preparation, shape: Shape = "values") {
    this.#prepare = prepare;
    this.#shape = shape;
  }

  /**
   * Returns results that continue after failed calls. Each is `{ index, status: "fulfilled", value }` or
   * `{ index, status: "rejected", reason }`. Replaces these results, which cannot be used as well.
   */
  settled(): MapResults<MapOutcome<Value>> {
    if (this.#use.is !== "unused") throw usedTwice("settled()");
    return new MapResults<MapOutcome<Value>>(this.#prepare, "outcomes");
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  then<Fulfilled = Value[], Rejected = never>(
    onFulfilled?: ((values: Value[]) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#collect().then(onFulfilled, onRejected);
  }

  catch<Rejected = never>(
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Value[] | Rejected> {
    return this.#collect().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<Value[]> {
    return this.#collect().finally(onFinally);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Next<Value>> {
    try {
      return this.#read();
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  /** Ends the `map()` early and cancels its active calls, as leaving a `for await` loop does. */
  async return(): Promise<Next<Value>> {
    if (this.#use.is === "read") await this.#use.results.return();
    else if (this.#use.is === "unused") this.#use = { is: "closed" };
    return DONE;
  }

  async throw(thrown?: unknown): Promise<Next<Value>> {
    await this.return();
    throw thrown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #read(): Promise<Next<Value>> {
    switch (this.#use.is) {
      case "unused": {
        const results = new ReadBatch(this.#prepare(), this.#shape).results as CreditedStream<Value>;
        this.#use = { is: "read", results };
        return results.next();
      }
      case "read":
        return this.#use.results.next();
      case "awaited":
        throw usedTwice("for await");
      case "closed":
        return Promise.resolve(DONE);
      default:
        return this.#use satisfies never;
    }
  }

  #collect(): Promise<Value[]> {
    switch (this.#use.is) {
      case "unused": {
        const values = collect(this.#prepare, this.#shape) as Promise<Value[]>;
        this.#use = { is: "awaited", values };
        return values;
      }
      case "awaited":
        return this.#use.values;
      case "read":
      case "closed":
        return Promise.reject(usedTwice("await"));
      default:
        return this.#use satisfies never;
    }
  }
}

/** Collects all results. */
function collect(prepare: Preparation, shape: Shape): Promise<unknown[]> {
  return new Promise((resolve) => {
    const { task, plan } = prepare();
    const results: unknown[] = [];
    const run: BatchRun = new BatchRun(task, plan, {
      outcome(outcome) {
        if (shape === "values" && outcome.status === "rejected") {
          run.fail(outcome.reason);
          return;
        }
        const result = shape === "outcomes" ? outcome : outcome.status === "fulfilled" ? outcome.value : undefined;
        if (plan.ordered) results[outcome.index] = result;
        else results.push(result);
        run.taken(1);
      },
      end(error) {
        resolve(error === undefined ? results : rejectToCaller(error));
      },
    });
    run.start();
  });
}

/** The source of results that are read one by one: a batch that is at most its concurrency ahead of the reader. */
class ReadBatch implements BatchSink, StreamSource {
  readonly results: CreditedStream<unknown>;
  readonly #run: BatchRun;
  readonly #ordered: boolean;
  readonly #shape: Shape;
  /** Outcomes that arrived before one with a lower index. */
  readonly #early = new Map<number, MapOutcome>();
  #nextIndex = 0;

  constructor({ task, plan }: ReturnType<Preparation>, shape: Shape) {
    this.#shape = shape;
    this.#ordered = plan.ordered;
    this.#run = new BatchRun(task, plan, this);
    this.results = new CreditedStream(this, new FixedWindow(task.concurrency));
  }

  start(): void {
    this.#run.start();
  }

  grant(results: number): void {
    this.#run.taken(results);
  }

  cancel(): Promise<void> {
    this.#early.clear();
    return this.#run.stop();
  }

  outcome(outcome: MapOutcome): void {
    if (this.#shape === "values" && outcome.status === "rejected") {
      this.#run.fail(outcome.reason);
    } else if (this.#ordered) {
      this.#early.set(outcome.index, outcome);
      this.#pushInOrder();
    } else {
      this.#push(outcome);
    }
  }

  end(error?: SnakepitError): void {
    this.#early.clear();
    if (error === undefined) this.results.end();
    else this.results.fail(error, "at once");
  }

  #pushInOrder(): void {
    for (let next = this.#early.get(this.#nextIndex); next !== undefined; next = this.#early.get(this.#nextIndex)) {
      this.#early.delete(this.#nextIndex);
      this.#nextIndex += 1;
      this.#push(next);
    }
  }

  #push(outcome: MapOutcome): void {
    this.results.push(this.#shape === "outcomes" ? outcome : resultOf(outcome));
  }
}

function resultOf(outcome: MapOutcome): unknown {
  return outcome.status === "fulfilled" ? outcome.value : undefined;
}

function usedTwice(use: string): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `the results of map() must be used once, with await or for await; got ${use} as a second use; call map() again`,
  );
}
