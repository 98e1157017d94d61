import { SnakepitError } from "@snakepit/core";
import { creditedStreamConformance, type StreamBench, type StreamScript } from "@snakepit/core/conformance";
import { describe, expect, test } from "vitest";
import { MapResults } from "./map-results.ts";

/** Returns results whose calls a script settles. */
class MapBench implements StreamBench, AsyncDisposable {
  readonly mostAhead: number;
  readonly failureCode = "PYTHON_EXCEPTION";
  readonly #ordered: boolean;
  #results: MapResults<number> | undefined;

  constructor(ordered: boolean, concurrency: number) {
    this.#ordered = ordered;
    this.mostAhead = concurrency;
  }

  numberOf(value: unknown): number {
    return value as number;
  }

  async open({ values, ending }: StreamScript) {
    let [produced, reading] = [0, false];
    const silence = Promise.withResolvers<void>();
    async function* items() {
      reading = true;
      try {
        yield* values;
        if (ending === "failure") yield "failure";
        if (ending === "silence") await silence.promise;
      } finally {
        reading = false;
      }
    }
    const source = items();
    const results = new MapResults<number>(() => ({
      task: {
        tool: "echo",
        source: {
          next: () => source.next(),
          return: () => {
            silence.resolve();
            return source.return();
          },
        },
        total: () => undefined,
        concurrency: this.mostAhead,
        call: async (item: unknown) => {
          if (item === "failure") throw new SnakepitError("PYTHON_EXCEPTION", "no more");
          produced += 1;
          return item;
        },
      },
      plan: {
        ordered: this.#ordered,
        concurrency: undefined,
        onProgress: undefined,
        signal: undefined,
        toArgs: undefined,
      },
    }));
    this.#results = results;
    return { stream: results, produced: () => produced, active: () => reading };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#results?.return();
  }
}

describe.each([
  ["in order", true],
  ["as they complete", false],
])("the results of map(), %s", (_, ordered) => {
  // One call at a time: with more, the first failure precedes values that are not consumed, by design.
  test.for(creditedStreamConformance)("$title", async ({ run }) => {
    await using bench = new MapBench(ordered, 1);
    await run(bench);
  });
});

test("the results of map() are at most the concurrency ahead of the reader", async () => {
  await using bench = new MapBench(true, 4);
  const { stream, produced } = await bench.open({ values: Array.from({ length: 100 }, (_, n) => n), ending: "end" });
  await stream.next();
  await new Promise((resolve) => setImmediate(resolve));
  expect(produced()).toBe(5);
});
