import { rejectToCaller, SnakepitError } from "@snakepit/core";
import { BatchRun, type BatchSink, type BatchTask, type MapOutcome } from "./batch-run.ts";
import type { MapPlan } from "./map-options.ts";

type Next<Value> = IteratorResult<Value, undefined>;

const DONE: Next<never> = { done: true, value: undefined };

/** How outcomes become what the user gets. */
type Shape = "values" | "outcomes";

/** What a `map()` is to do; rejects with what is wrong with it. */
export type Preparation = () => { readonly task: BatchTask; readonly plan: MapPlan };

/**
 * The results of a `map()`: awaited, all of them as an array; with `for await`, one by one, as fast as the loop takes them.
 * Nothing is called before one of the two begins, and only one of the two can be used.
 *
 * The first call that fails cancels the others, and the `map()` rejects with its error; `error.details.index` says of
 * which item. With {@link settled} no failure ends it.
 */
export class MapResults<Value> implements Promise<Value[]>, AsyncIterableIterator<Value, undefined>, AsyncDisposable {
  readonly [Symbol.toStringTag] = "MapResults";
  readonly #prepare: Preparation;
  readonly #shape: Shape;
  #collected: Promise<Value[]> | undefined;
  #reader: ResultReader | undefined;

  /** Made by `map()`. */
  constructor(prepare: Preparation, shape: Shape = "values") {
    this.#prepare = prepare;
    this.#shape = shape;
  }

  /**
   * The same calls, but a failed one does not end the others: instead of values there are `{ index, status: "fulfilled", value }`
   * and `{ index, status: "rejected", reason }`. Instead of these results, not in addition to them.
   */
  settled(): MapResults<MapOutcome<Value>> {
    this.#refuseSecondUse("settled()");
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
      return this.#read().next() as Promise<Next<Value>>;
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  /** Ends it early, as leaving a `for await` loop does: calls under way are cancelled. */
  async return(): Promise<Next<Value>> {
    this.#reader ??= new ResultReader(undefined, this.#shape);
    await this.#reader.leave();
    return DONE;
  }

  async throw(thrown?: unknown): Promise<Next<Value>> {
    await this.return();
    throw thrown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#collected === undefined) await this.return();
  }

  #read(): ResultReader {
    if (this.#collected !== undefined) throw usedTwice("for await");
    this.#reader ??= new ResultReader(this.#prepare(), this.#shape);
    return this.#reader;
  }

  #collect(): Promise<Value[]> {
    if (this.#reader !== undefined) return Promise.reject(usedTwice("await"));
    this.#collected ??= collect(this.#prepare, this.#shape) as Promise<Value[]>;
    return this.#collected;
  }

  #refuseSecondUse(use: string): void {
    if (this.#collected !== undefined || this.#reader !== undefined) throw usedTwice(use);
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
        run.taken();
      },
      end(error) {
        resolve(error === undefined ? results : rejectToCaller(error));
      },
    });
    run.start();
  });
}

/** Hands results to a loop, one by one. */
class ResultReader implements BatchSink {
  readonly #run: BatchRun | undefined;
  readonly #ordered: boolean;
  readonly #shape: Shape;
  /** Outcomes that nobody has asked for yet, by index; in order of arrival where the order does not matter. */
  readonly #held = new Map<number, MapOutcome>();
  readonly #waiting: ((next: Next<unknown> | Promise<never>) => void)[] = [];
  #nextIndex = 0;
  #end: { readonly error?: SnakepitError | undefined } | undefined;

  constructor(prepared: ReturnType<Preparation> | undefined, shape: Shape) {
    this.#shape = shape;
    this.#ordered = prepared?.plan.ordered ?? true;
    this.#run = prepared === undefined ? undefined : new BatchRun(prepared.task, prepared.plan, this);
    if (prepared === undefined) this.#end = {};
  }

  next(): Promise<Next<unknown>> {
    this.#run?.start();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#serve();
    });
  }

  async leave(): Promise<void> {
    this.#held.clear();
    this.#end ??= {};
    await this.#run?.stop();
    this.#serve();
  }

  outcome(outcome: MapOutcome): void {
    if (this.#shape === "values" && outcome.status === "rejected") {
      this.#run?.fail(outcome.reason);
      return;
    }
    this.#held.set(outcome.index, outcome);
    this.#serve();
  }

  end(error?: SnakepitError): void {
    this.#end ??= { error };
    if (error !== undefined) this.#held.clear();
    this.#serve();
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const outcome = this.#takeHeld();
      if (outcome !== undefined) {
        this.#waiting.shift()?.({ done: false, value: this.#shape === "outcomes" ? outcome : resultOf(outcome) });
        this.#run?.taken();
      } else if (this.#end !== undefined) {
        this.#waiting.shift()?.(this.#takeEnd(this.#end));
      } else {
        return;
      }
    }
  }

  #takeHeld(): MapOutcome | undefined {
    const index = this.#ordered ? this.#nextIndex : this.#held.keys().next().value;
    const outcome = index === undefined ? undefined : this.#held.get(index);
    if (outcome === undefined) return undefined;
    this.#held.delete(outcome.index);
    this.#nextIndex += 1;
    return outcome;
  }

  /** The error goes to one who waits; the others find the end. */
  #takeEnd({ error }: { readonly error?: SnakepitError | undefined }): Next<never> | Promise<never> {
    if (error === undefined) return DONE;
    this.#end = {};
    return rejectToCaller(error);
  }
}

function resultOf(outcome: MapOutcome): unknown {
  return outcome.status === "fulfilled" ? outcome.value : undefined;
}

function usedTwice(use: string): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `the results of map() can be awaited or read with for await, once; ${use} came second; call map() again`,
  );
}
