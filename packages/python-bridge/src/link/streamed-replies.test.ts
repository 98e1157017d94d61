import { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CallRecorder } from "../testing/call-recorder.ts";
import { type LinkedWorker, linkedWorker, sampleCall } from "../testing/linked-worker.ts";
import { aborted, ScriptedRequests } from "../testing/scripted-requests.ts";
import type { WireWorker } from "../testing/wire-worker.ts";
import type { WorkerLink } from "./worker-link.ts";

describe("a request for a stream", () => {
  let linked: LinkedWorker;
  let link: WorkerLink;
  let worker: WireWorker;
  let requests: ScriptedRequests;
  let produced: number;
  let closed: PromiseWithResolvers<void>;

  beforeEach(async () => {
    requests = new ScriptedRequests();
    produced = 0;
    closed = Promise.withResolvers();
    requests.produce = () => count(1_000);
    linked = await linkedWorker(requests);
    ({ link, worker } = linked);
  });

  afterEach(() => linked[Symbol.asyncDispose]());

  /** Counts the requested values and records the close. */
  async function* count(to: number): AsyncGenerator<number> {
    try {
      for (; produced < to; ) yield produced++;
    } finally {
      closed.resolve();
    }
  }

  it("gets its values and then the end", async () => {
    requests.produce = () => count(3);
    worker.requestStream("tools.stream", 10);
    expect(await worker.receivedKind(3, "reply")).toEqual({ id: 7, outcome: { $case: "end", value: true } });
    expect(await Promise.all([0, 1, 2].map((index) => worker.replyValue(index)))).toEqual([0, 1, 2]);
    expect(link.activeRequests).toBe(0);
    await closed.promise;
  });

  it("may end without a value if it has credit", async () => {
    requests.produce = () => count(0);
    worker.requestStream("tools.stream", 0);
    worker.grant(7, 1);
    expect((await worker.receivedKind(0, "reply")).outcome).toEqual({ $case: "end", value: true });
  });

  it("carries large arrays next to the message", async () => {
    const array = Float64Array.from({ length: 100_000 }, (_, i) => i / 3);
    requests.produce = async function* () {
      yield array;
    };
    worker.requestStream("tools.stream", 10);
    expect(await worker.replyValue(0)).toEqual(array);
  });

  it("requests the next value from the iterator only with credit", async () => {
    worker.requestStream("tools.stream", 2);
    await worker.received(1);
    // A value requested without credit would arrive before the reply to this request.
    worker.request("session.get", {}, { id: 8 });
    expect((await worker.receivedKind(2, "reply")).id).toBe(8);
    expect(produced).toBe(2);
    worker.grant(7, 3);
    expect(await worker.replyValue(5)).toBe(4);
    worker.request("session.get", {}, { id: 9 });
    expect((await worker.receivedKind(6, "reply")).id).toBe(9);
    expect(produced).toBe(5);
  });

  it("waits for credit at the start, and for values with credit", async () => {
    const values = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
    requests.produce = async function* () {
      for (const { promise } of values) yield await promise;
    };
    worker.requestStream("tools.stream", 0);
    worker.grant(7, 1);
    await requests.request(0);
    worker.grant(7, 5);
    values[0]!.resolve(1);
    expect(await worker.replyValue(0)).toBe(1);
    values[1]!.resolve(2);
    expect(await worker.replyValue(1)).toBe(2);
    expect((await worker.receivedKind(2, "reply")).outcome).toEqual({ $case: "end", value: true });
  });

  it("gets the values before an error, and then the error", async () => {
    requests.produce = async function* () {
      yield 1;
      throw new SnakepitError("INVALID_ARGUMENT", "no more");
    };
    worker.requestStream("tools.stream", 10);
    expect(await worker.replyValue(0)).toBe(1);
    expect(await worker.replyFailure(1)).toMatchObject({ code: "INVALID_ARGUMENT", message: "no more" });
    expect(link.activeRequests).toBe(0);
  });

  it("fails with a value that is larger than the worker accepts, and closes the iterator", async () => {
    await using small = await linkedWorker(requests, { maxPayloadBytes: 1_000 });
    requests.produce = async function* () {
      try {
        yield new Uint8Array(2_000);
      } finally {
        closed.resolve();
      }
    };
    small.worker.requestStream("tools.stream", 10);
    expect(await small.worker.replyFailure(0)).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    await closed.promise;
  });

  it("fails if the handler cannot create a stream", async () => {
    requests.stream = () => {
      throw new TypeError("oops");
    };
    worker.requestStream("tools.stream", 10);
    expect(await worker.replyFailure(0)).toMatchObject({ code: "INTERNAL", message: expect.stringContaining("oops") });
  });

  describe("is closed", () => {
    it("when the worker cancels it while it waits for credit", async () => {
      worker.requestStream("tools.stream", 2);
      await worker.received(1);
      worker.cancel(7);
      await closed.promise;
      expect(produced).toBe(2);
      expect(link.activeRequests).toBe(0);
      worker.grant(7, 10);
      worker.request("session.get", {}, { id: 8 });
      expect((await worker.receivedKind(2, "reply")).id).toBe(8);
    });

    it("when the worker cancels it while it waits for a value and observes the signal", async () => {
      requests.produce = async function* ({ signal }) {
        try {
          await aborted(signal);
          yield "never";
        } finally {
          closed.resolve();
        }
      };
      worker.requestStream("tools.stream", 10);
      await requests.request(0);
      worker.cancel(7);
      await closed.promise;
    });

    it("when the worker cancels it while it waits for a value, or at the iterator's return()", async () => {
      const pending = Promise.withResolvers<IteratorResult<never>>();
      requests.stream = () => ({
        [Symbol.asyncIterator]: () => ({
          next() {
            closed.resolve();
            return pending.promise;
          },
          return() {
            pending.resolve({ done: true, value: undefined });
            return pending.promise;
          },
        }),
      });
      worker.requestStream("tools.stream", 10);
      await closed.promise;
      worker.cancel(7);
      await pending.promise;
      expect(link.activeRequests).toBe(0);
    });

    it("when its call has ended", async () => {
      link.dispatch(sampleCall(), new CallRecorder());
      const callId = (await worker.call(0)).id;
      worker.requestStream("tools.stream", 1, { callId });
      await worker.received(1);
      worker.result(callId, null);
      await closed.promise;
      expect(await worker.replyFailure(2)).toMatchObject({ code: "CANCELLED" });
    });

    it("when the worker has ended", async () => {
      worker.requestStream("tools.stream", 1);
      await worker.received(0);
      await worker.transport.close();
      await closed.promise;
    });

    it("even if closing the iterator fails", async () => {
      requests.produce = async function* () {
        try {
          yield 1;
          yield 2;
        } finally {
          closed.resolve();
          // biome-ignore lint/correctness/noUnsafeFinally: that is the point.
          throw new Error("cannot close");
        }
      };
      worker.requestStream("tools.stream", 1);
      await worker.received(0);
      worker.cancel(7);
      await closed.promise;
      worker.request("session.get", {}, { id: 8 });
      expect((await worker.receivedKind(1, "reply")).id).toBe(8);
    });
  });
});
