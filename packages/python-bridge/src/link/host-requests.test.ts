import { PayloadFormat } from "@snakepit/bridge-proto";
import { type CallLineage, deadlineIn, noHostRequests, SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CallRecorder } from "../testing/call-recorder.ts";
import { type LinkedWorker, linkedWorker, sampleCall } from "../testing/linked-worker.ts";
import { aborted, ScriptedRequests } from "../testing/scripted-requests.ts";
import type { WireWorker } from "../testing/wire-worker.ts";
import { MAX_REQUESTS } from "./request-table.ts";
import type { WorkerLink } from "./worker-link.ts";

describe("a request of the worker", () => {
  let linked: LinkedWorker;
  let link: WorkerLink;
  let worker: WireWorker;
  let requests: ScriptedRequests;

  beforeEach(async () => {
    requests = new ScriptedRequests();
    linked = await linkedWorker(requests);
    ({ link, worker } = linked);
  });

  afterEach(() => linked[Symbol.asyncDispose]());

  function neverAnswer(): void {
    requests.answer = () => new Promise(() => {});
  }

  it("is rejected if the host supports no requests", async () => {
    await using bare = await linkedWorker(noHostRequests);
    bare.worker.request("variables.get", {});
    bare.worker.requestStream("variables.watch", 8, { id: 8 });
    expect(await bare.worker.replyFailure(0)).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("variables.get"),
    });
    expect(await bare.worker.replyFailure(1)).toMatchObject({ message: expect.stringContaining("variables.watch") });
  });

  it("is answered with a value", async () => {
    requests.answer = ({ payload }) => ({ got: payload });
    worker.request("variables.get", { name: "t" });
    expect(await worker.replyValue(0)).toEqual({ got: { name: "t" } });
    expect((await worker.receivedKind(0, "reply")).id).toBe(7);
    expect(requests.received[0]).toMatchObject({
      method: "variables.get",
      pool: "default",
      workerId: "w1",
      call: undefined,
      deadline: Number.POSITIVE_INFINITY,
    });
    expect(link.activeRequests).toBe(0);
    expect(requests.received[0]!.signal.aborted).toBe(false);
  });

  it("may come without a payload", async () => {
    worker.request("session.get", null, { payload: undefined });
    expect((await requests.request(0)).payload).toBeUndefined();
  });

  it("carries large arrays next to the message, both ways", async () => {
    const array = Float64Array.from({ length: 100_000 }, (_, i) => i / 3);
    requests.answer = ({ payload }) => payload;
    worker.request("tools.call", { array });
    expect(await worker.replyValue(0)).toEqual({ array });
  });

  it("has its call and the calls that wait for that call", async () => {
    const parent: CallLineage = { correlationId: "c-0", pool: "outer", tool: "ask", parent: undefined };
    const call = { sessionId: "s-1", sessionGeneration: 3, traceparent: "00-aa-bb-01", parent };
    link.dispatch(sampleCall(call), new CallRecorder());
    worker.request("variables.get", {}, { callId: (await worker.call(0)).id });
    expect((await requests.request(0)).call).toEqual({
      tool: "echo",
      correlationId: "c-1",
      sessionId: "s-1",
      sessionGeneration: 3,
      traceparent: "00-aa-bb-01",
      lineage: { correlationId: "c-1", pool: "default", tool: "echo", parent },
    });
  });

  it("ends at its own deadline or at that of its call, whichever is first", async () => {
    neverAnswer();
    const deadline = deadlineIn(600_000);
    link.dispatch(sampleCall({ deadline }), new CallRecorder());
    const callId = (await worker.call(0)).id;
    worker.request("a", {}, { id: 1, callId });
    worker.request("b", {}, { id: 2, callId, remainingMs: 6_000_000 });
    worker.request("c", {}, { id: 3, callId, remainingMs: 1_000 });
    await requests.request(2);
    const [own, long, short] = requests.received.map((request) => request.deadline);
    expect([own, long]).toEqual([deadline, deadline]);
    expect(short).toBeLessThan(deadline);
  });

  it("fails with the error of its handler, details included", async () => {
    requests.answer = () => {
      throw new SnakepitError("INVALID_ARGUMENT", 'variable "t" is unknown', { details: { variable: "t" } });
    };
    worker.request("variables.get", {});
    expect(await worker.replyFailure(0)).toEqual({
      code: "INVALID_ARGUMENT",
      message: 'variable "t" is unknown',
      python: undefined,
      details: { variable: '"t"' },
    });
  });

  it("fails with any error that its handler throws", async () => {
    requests.answer = () => Promise.reject(new TypeError("oops"));
    worker.request("variables.get", {});
    expect(await worker.replyFailure(0)).toMatchObject({ code: "INTERNAL", message: expect.stringContaining("oops") });
  });

  it("fails if its payload cannot be decoded", async () => {
    const payload = { format: PayloadFormat.MESSAGEPACK, body: Buffer.from([0xc1]), bufferLengths: [] };
    worker.request("variables.get", null, { payload });
    expect(await worker.replyFailure(0)).toMatchObject({ code: "SERIALIZATION" });
    expect(requests.received).toEqual([]);
  });

  it("fails if its result is larger than the worker accepts", async () => {
    await using small = await linkedWorker(requests, { maxPayloadBytes: 1_000 });
    requests.answer = () => new Uint8Array(2_000);
    small.worker.request("tools.call", {});
    expect(await small.worker.replyFailure(0)).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      message: expect.stringContaining("maxPayloadBytes"),
    });
  });

  it("may be answered out of order", async () => {
    const answers: (() => void)[] = [];
    requests.answer = ({ payload }) => new Promise((resolve) => answers.push(() => resolve(payload)));
    for (const id of [1, 2, 3]) worker.request("variables.get", id, { id });
    await requests.request(2);
    for (const answer of answers.reverse()) answer();
    const replies = await Promise.all([0, 1, 2].map((index) => worker.receivedKind(index, "reply")));
    expect(replies.map(({ id }) => id)).toEqual([3, 2, 1]);
  });

  it("is rejected if too many requests are unanswered", async () => {
    neverAnswer();
    for (let id = 1; id <= MAX_REQUESTS + 1; id++) worker.request("variables.get", {}, { id });
    expect((await worker.receivedKind(0, "reply")).id).toBe(MAX_REQUESTS + 1);
    expect(await worker.replyFailure(0)).toMatchObject({ code: "QUOTA_EXCEEDED", details: { limit: "1024" } });
    expect(link.activeRequests).toBe(MAX_REQUESTS);
    worker.cancel(5);
    worker.request("variables.get", {}, { id: 5 });
    await requests.request(MAX_REQUESTS);
  });

  it.each([
    ["uses the ID of another one", 7],
    ["has no ID", 0],
  ])("ends the link when it %s", async (_, id) => {
    neverAnswer();
    worker.request("variables.get", {});
    worker.request("variables.get", {}, { id });
    expect(await link.closed).toMatchObject({ cause: { code: "PROTOCOL_MISMATCH" } });
    expect(link.activeRequests).toBe(0);
  });

  describe("is cancelled", () => {
    beforeEach(() => neverAnswer());

    it("by the worker, and gets no answer", async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      requests.answer = () => promise;
      worker.request("tools.call", {});
      const { signal } = await requests.request(0);
      worker.cancel(7);
      await aborted(signal);
      expect(link.activeRequests).toBe(0);
      resolve("too late");
      requests.answer = () => "the next one";
      worker.request("tools.call", {});
      expect(await worker.replyValue(0)).toBe("the next one");
    });

    it("by the worker after it was answered, without an effect", async () => {
      requests.answer = () => 1;
      worker.request("tools.call", {});
      await worker.received(0);
      worker.cancel(7);
      worker.grant(7, 10);
      worker.request("tools.call", {});
      expect(await worker.replyValue(1)).toBe(1);
    });

    it("when its call is cancelled, like later requests of that call", async () => {
      const dispatched = link.dispatch(sampleCall(), new CallRecorder());
      const callId = (await worker.call(0)).id;
      worker.request("tools.call", {}, { callId });
      const { signal } = await requests.request(0);
      dispatched.cancel("deadline");
      expect(signal.aborted).toBe(true);
      expect((await worker.received(1)).frame.kind?.$case).toBe("cancel");
      expect(await worker.replyFailure(2)).toMatchObject({ code: "CANCELLED" });
      worker.request("tools.call", {}, { id: 8, callId });
      expect(await worker.replyFailure(3)).toMatchObject({ code: "CANCELLED" });
      expect(requests.received.length).toBe(1);
    });

    it("when its call has ended", async () => {
      link.dispatch(sampleCall(), new CallRecorder());
      const callId = (await worker.call(0)).id;
      worker.request("tools.call", {}, { callId });
      worker.request("tools.call", {}, { id: 8 });
      worker.result(callId, null);
      expect((await worker.receivedKind(1, "reply")).id).toBe(7);
      expect(await worker.replyFailure(1)).toMatchObject({ code: "CANCELLED" });
      expect(requests.received.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    });

    it.each([false, true])("before it begins, when its call has ended (streaming: %s)", async (streaming) => {
      link.dispatch(sampleCall(), new CallRecorder());
      const callId = (await worker.call(0)).id;
      worker.result(callId, null);
      if (streaming) worker.requestStream("tools.stream", 8, { callId });
      else worker.request("tools.call", {}, { callId });
      expect(await worker.replyFailure(1)).toMatchObject({
        code: "CANCELLED",
        message: expect.stringMatching(
          /^"tools\.(call|stream)" was requested for a call that has ended; wait in the tool/,
        ),
      });
      worker.request("tools.call", {}, { id: 9, callId: 0 });
      expect((await requests.request(0)).call).toBeUndefined();
      expect(requests.received.length).toBe(1);
    });

    it("when the worker has ended", async () => {
      worker.request("tools.call", {});
      const { signal } = await requests.request(0);
      await worker.transport.close();
      await link.closed;
      expect(signal.aborted).toBe(true);
      expect(link.activeRequests).toBe(0);
    });
  });
});
