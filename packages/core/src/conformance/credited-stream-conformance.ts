import assert from "node:assert/strict";

/** The behavior of the source of a stream under test. */
export interface StreamScript {
  /** The numbers that the source produces, in order, as far as it has credit. */
  readonly values: readonly number[];
  /** The behavior after the last number: end, fail, or produce nothing. */
  readonly ending: "end" | "failure" | "silence";
}

/** A stream and the state of its source. */
export interface StreamUnderTest {
  readonly stream: AsyncIterator<unknown, unknown> & AsyncIterable<unknown> & AsyncDisposable;
  /** Returns how many values the source has produced. */
  readonly produced: () => number;
  /**
   * Returns whether the source holds a resource, such as a call, a listener or a timer. False before the first
   * `next()`.
   */
  readonly active: () => boolean;
}

/** Creates streams of one kind for a test case. */
export interface StreamBench {
  /** Opens a stream whose source follows the script. The bench disposes of its streams after the case. */
  open(script: StreamScript): Promise<StreamUnderTest>;
  /** Returns the number of the script for a value of the stream. */
  numberOf(value: unknown): number;
  /** Maximum number of values that the source may be ahead of the consumer. */
  readonly mostAhead: number;
  /** Error code of a failing source. */
  readonly failureCode: string;
}

/** A test case that every stream must pass. */
export interface StreamCase {
  /** The expected behavior, as a sentence. */
  readonly title: string;
  /** Rejects with an `AssertionError` if the stream fails the case. */
  run(bench: StreamBench): Promise<void>;
}

/** More values than the largest window. */
const MANY = 2_000;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);
const SILENT: StreamScript = { values: [], ending: "silence" };

/**
 * The test cases that every stream for a consumer must pass, for any test runner. Each case requires a new bench.
 *
 * @example
 * for (const { title, run } of creditedStreamConformance) {
 *   test(title, async () => {
 *     await using bench = await openMyBench();
 *     await run(bench);
 *   });
 * }
 */
export const creditedStreamConformance: readonly StreamCase[] = [
  {
    title: "delivers all values in order, and is then done",
    async run(bench) {
      const values = numbers(MANY);
      const { stream, active } = await bench.open({ values, ending: "end" });
      assert.deepEqual(await rest(bench, stream), values);
      assert.deepEqual([(await stream.next()).done, (await stream.next()).done], [true, true]);
      await inactive(active);
    },
  },
  {
    title: "delivers an error once, after the values before it, and is then done",
    async run(bench) {
      const { stream, active } = await bench.open({ values: [1, 2, 3], ending: "failure" });
      const seen: number[] = [];
      await assert.rejects(async () => {
        for await (const value of stream) seen.push(bench.numberOf(value));
      }, failure(bench));
      assert.deepEqual(seen, [1, 2, 3]);
      assert.deepEqual([(await stream.next()).done, (await stream.next()).done], [true, true]);
      await inactive(active);
    },
  },
  {
    title: "resolves concurrent calls of next() in order",
    async run(bench) {
      const { stream } = await bench.open({ values: [1, 2, 3], ending: "end" });
      const order: number[] = [];
      const asked = numbers(5).map(async (place) => {
        const step = await stream.next();
        order.push(place);
        return step.done === true ? "done" : bench.numberOf(step.value);
      });
      assert.deepEqual(await Promise.all(asked), [1, 2, 3, "done", "done"]);
      assert.deepEqual(order, [1, 2, 3, 4, 5]);
    },
  },
  {
    title: "rejects the first pending call of next() with the error, and ends the others",
    async run(bench) {
      const { stream } = await bench.open({ values: [1], ending: "failure" });
      const order: number[] = [];
      const asked = numbers(3).map((place) => stream.next().finally(() => order.push(place)));
      const [first, second, third] = await Promise.allSettled(asked);
      assert.deepEqual(order, [1, 2, 3]);
      assert.equal(first?.status, "fulfilled");
      assert.equal(second?.status, "rejected");
      assert.equal((second.reason as { readonly code: string }).code, bench.failureCode);
      assert.deepEqual(third, { status: "fulfilled", value: { done: true, value: undefined } });
    },
  },
  {
    title: "return() ends pending calls of next() and releases the source",
    async run(bench) {
      const { stream, active } = await bench.open(SILENT);
      const waiting = [stream.next(), stream.next()];
      assert.equal((await stream.return?.())?.done, true);
      for (const next of waiting) assert.deepEqual(await next, { done: true, value: undefined });
      assert.equal((await stream.next()).done, true);
      await inactive(active);
    },
  },
  {
    title: "return() drops the values that were not consumed",
    async run(bench) {
      const { stream, active } = await bench.open({ values: numbers(MANY), ending: "failure" });
      assert.equal(bench.numberOf((await stream.next()).value), 1);
      await stream.return?.();
      assert.equal((await stream.next()).done, true);
      await inactive(active);
    },
  },
  {
    title: "return() before the first next() starts nothing",
    async run(bench) {
      const { stream, produced, active } = await bench.open({ values: [1], ending: "end" });
      assert.equal(active(), false);
      await stream.return?.();
      assert.equal((await stream.next()).done, true);
      assert.deepEqual([produced(), active()], [0, false]);
    },
  },
  {
    title: "throw() rejects with its argument, and ends the stream",
    async run(bench) {
      const { stream, active } = await bench.open(SILENT);
      const waiting = stream.next();
      const thrown = new RangeError("enough");
      await assert.rejects(async () => await stream.throw?.(thrown), thrown);
      assert.equal((await waiting).done, true);
      assert.equal((await stream.next()).done, true);
      await inactive(active);
    },
  },
  {
    title: "disposal releases the source and is idempotent",
    async run(bench) {
      const { stream, active } = await bench.open(SILENT);
      const waiting = stream.next();
      await stream[Symbol.asyncDispose]();
      await stream[Symbol.asyncDispose]();
      assert.equal((await waiting).done, true);
      await inactive(active);
    },
  },
  {
    title: "leaving a loop releases the source",
    async run(bench) {
      const { stream, active } = await bench.open({ values: [1, 2, 3], ending: "silence" });
      for await (const value of stream) {
        if (bench.numberOf(value) === 2) break;
      }
      assert.equal((await stream.next()).done, true);
      await inactive(active);
    },
  },
  {
    title: "limits how far the source is ahead of the consumer to the window",
    async run(bench) {
      const { stream, produced } = await bench.open({ values: numbers(MANY), ending: "end" });
      for (const n of numbers(MANY / 2)) {
        assert.equal(bench.numberOf((await stream.next()).value), n);
        if (n % 100 === 1) await idle();
        assert.ok(produced() - n <= bench.mostAhead, `${produced()} values produced and ${n} consumed`);
      }
      await stream.return?.();
    },
  },
];

async function rest(bench: StreamBench, stream: AsyncIterable<unknown>): Promise<number[]> {
  const seen: number[] = [];
  for await (const value of stream) seen.push(bench.numberOf(value));
  return seen;
}

function failure({ failureCode }: StreamBench): object {
  return { name: "SnakepitError", code: failureCode };
}

/** Waits until the source cannot proceed without the consumer. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until the source holds no resources; the test runner limits the time. */
async function inactive(active: () => boolean): Promise<void> {
  while (active()) await new Promise((resolve) => setImmediate(resolve));
}
