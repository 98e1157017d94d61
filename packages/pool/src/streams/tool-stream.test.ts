import { SnakepitError } from "@snakepit/core";
import { creditedStreamConformance, type StreamBench, type StreamScript } from "@snakepit/core/conformance";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PoolCall } from "../pool-call.ts";
import type { FakeCall } from "../testing/fake-call.ts";
import { FakeLauncher } from "../testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "../testing/pool-under-test.ts";
import type { PoolStream, WorkerPool } from "../worker-pool.ts";

/** A pool of one worker that executes a script. */
class PoolBench implements StreamBench, AsyncDisposable {
  readonly mostAhead = 1_024;
  readonly failureCode = "PYTHON_EXCEPTION";
  readonly #makeRequest: () => PoolCall | (() => Promise<PoolCall>);
  #pool: WorkerPool | undefined;
  #stream: PoolStream | undefined;

  constructor(makeRequest: () => PoolCall | (() => Promise<PoolCall>)) {
    this.#makeRequest = makeRequest;
  }

  numberOf(value: unknown): number {
    return value as number;
  }

  async open({ values, ending }: StreamScript) {
    let produced = 0;
    const produce = (call: FakeCall) => {
      while (call.credit > 0 && produced < values.length && call.cancelled === undefined) {
        produced += 1;
        call.chunk(values[produced - 1], 100);
      }
      if (produced < values.length || ending === "silence") return;
      if (ending === "end") call.end();
      else call.fail(new SnakepitError("PYTHON_EXCEPTION", "no more"));
    };
    const pool = await readyPool(new FakeLauncher({ run: produce, granted: produce }), { size: 1 });
    this.#pool = pool;
    this.#stream = pool.stream(this.#makeRequest());
    return {
      stream: this.#stream,
      produced: () => produced,
      active: () => pool.stats().active + pool.stats().queued > 0,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream?.return();
    await this.#pool?.close();
  }
}

describe.each([
  ["a stream of a tool", () => request("count")],
  ["a stream whose call is prepared", () => async () => request("count")],
])("%s", (_, makeRequest) => {
  test.for(creditedStreamConformance)("$title", async ({ run }) => {
    await using bench = new PoolBench(makeRequest);
    await run(bench);
  });
});

describe("a prepared call", () => {
  let launcher: FakeLauncher;
  let pool: WorkerPool;

  beforeEach(async () => {
    launcher = new FakeLauncher({ run: (call) => call.chunk(1) });
    pool = await readyPool(launcher, { size: 1 });
  });
  afterEach(() => pool.close());

  test("is prepared once, when the first chunk is requested", async () => {
    let prepared = 0;
    const stream = pool.stream(async () => {
      prepared += 1;
      return request("count");
    });
    await turn();
    expect(prepared).toBe(0);
    const asked = [stream.next(), stream.next()];
    expect(await asked[0]).toEqual({ done: false, value: 1 });
    expect(prepared).toBe(1);
    await stream.return();
    expect(await asked[1]).toMatchObject({ done: true });
  });

  test("is not prepared for a stream that was left first", async () => {
    const stream = pool.stream(() => Promise.reject(new Error("prepared")));
    await stream.return();
    expect(await stream.next()).toMatchObject({ done: true });
  });

  test("is not made for a stream that is left during preparation", async () => {
    const session = Promise.withResolvers<PoolCall>();
    const stream = pool.stream(() => session.promise);
    const first = stream.next();
    await expect(stream.throw(new RangeError("enough"))).rejects.toThrow("enough");
    session.resolve(request("count"));
    expect(await first).toMatchObject({ done: true });
    await turn();
    expect(pool.stats().requests).toBe(0);
  });

  test("fails its stream once when it cannot be prepared", async () => {
    const stream = pool.stream(() => Promise.reject(new SnakepitError("UNKNOWN_SESSION", "no such session")));
    const [first, second] = await Promise.all([failureOf(stream.next()), stream.next()]);
    expect(first.code).toBe("UNKNOWN_SESSION");
    expect(second).toMatchObject({ done: true });
    expect(await stream.next()).toMatchObject({ done: true });
  });
});
