import assert from "node:assert/strict";

/** What the source of a stream under test does. */
export interface StreamScript {
  /** The numbers that it produces, in order, as far as it has credit for them. */
  readonly values: readonly number[];
  /** What it does after the last one: end, fail, or stay silent. */
  readonly ending: "end" | "failure" | "silence";
}

/** A stream, and what can be seen of its source. */
export interface StreamUnderTest {
  readonly stream: AsyncIterator<unknown, unknown> & AsyncIterable<unknown> & AsyncDisposable;
  /** Returns how many values the source has produced. */
  readonly produced: () => number;
  /** Returns whether the source holds something: a call, a listener, a timer. False before the first `next()`. */
  readonly active: () => boolean;
}

/** What a case needs to test a kind of stream. */
export interface StreamBench {
  /** Opens a stream whose source follows the script. The bench disposes of what it opened, after the case. */
  open(script: StreamScript): Promise<StreamUnderTest>;
  /** Returns the number of the script that a value of the stream stands for. */
  numberOf(value: unknown): number;
  /** Most values that the source may be ahead of the consumer. */
  readonly mostAhead: number;
  /** Code of the error of a source that fails. */
  readonly failureCode: string;
}

/** Something that every stream has to do. */
export interface StreamCase {
  /** What it does, as a sentence. */
  readonly title: string;
  /** Rejects with an `AssertionError` when the stream does not. */
  run(bench: StreamBench): Promise<void>;
}

/** More values than any window lets through. */
const MANY = 2_000;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);
const SILENT: StreamScript = { values: [], ending: "silence" };

/**
 * What every stream has to do that a consumer reads, one case each, for any test runner. Each case needs a bench of its own.
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
    title: "delivers every value in order, and then is done for good",
    async run(bench) {
      const values = numbers(MANY);
      const { stream, active } = await bench.open({ values, ending: "end" });
      assert.deepEqual(await rest(bench, stream), values);
      assert.deepEqual([(await stream.next()).done, (await stream.next()).done], [true, true]);
      await inactive(active);
    },
  },
  {
    title: "delivers an error once, after the values before it, and then is done",
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
    title: "answers calls of next() that overlap in the order in which they were made",
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
    title: "delivers the error to the first of the calls of next() that wait, and the end to the others",
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
    title: "return() ends the calls of next() that wait and releases the source",
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
    title: "throw() rejects with what was thrown, and ends the stream",
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
    title: "disposal releases the source, and may be repeated",
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
    title: "lets the source be ahead of the consumer by its window, and no further",
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

/** Waits until what the source can do without a consumer has been done. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until the source holds nothing; a case that waits forever is ended by its test runner. */
async function inactive(active: () => boolean): Promise<void> {
  while (active()) await new Promise((resolve) => setImmediate(resolve));
}
