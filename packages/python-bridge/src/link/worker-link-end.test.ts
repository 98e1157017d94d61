import { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CallRecorder } from "../testing/call-recorder.ts";
import { type LinkedWorker, linkedWorker, sampleCall, sampleStream } from "../testing/linked-worker.ts";
import type { WireWorker } from "../testing/wire-worker.ts";
import type { WorkerLink } from "./worker-link.ts";

describe("WorkerLink", () => {
  let linked: LinkedWorker;
  let link: WorkerLink;
  let worker: WireWorker;

  beforeEach(async () => {
    linked = await linkedWorker();
    ({ link, worker } = linked);
  });

  afterEach(() => linked[Symbol.asyncDispose]());

  describe("a worker that violates the protocol", () => {
    it.each([
      ["answers a call that does not exist", () => worker.result(99, 1)],
      ["fails a call that does not exist", () => worker.failure(99, {})],
      ["sends a chunk for a call that does not exist", () => worker.chunk(99, 1)],
      ["sends a second hello", () => worker.hello({})],
      ["sends a frame of the host", () => worker.send({ $case: "drain", value: {} })],
      ["sends an empty frame", () => worker.send(undefined)],
    ])("is disconnected if it %s", async (_, misbehave) => {
      misbehave();
      expect(await link.closed).toMatchObject({
        requested: false,
        cause: { code: "PROTOCOL_MISMATCH", workerId: "w1", message: expect.stringContaining("w1") },
      });
    });

    it.each([
      ["answers twice", false, (id: number) => [worker.result(id, 1), worker.result(id, 1)]],
      ["answers without a value", false, (id: number) => [worker.end(id)]],
      ["sends a chunk for a call that is not a stream", false, (id: number) => [worker.chunk(id, 1)]],
      ["sends more chunks than it was granted", true, (id: number) => [worker.chunk(id, 1), worker.chunk(id, 2)]],
      ["sends a chunk after the end", true, (id: number) => [worker.end(id), worker.chunk(id, 2)]],
    ])("is disconnected if it %s, and the call is settled once", async (_, streaming, misbehave) => {
      const recorder = new CallRecorder();
      link.dispatch(streaming ? sampleStream(1) : sampleCall(), recorder);
      misbehave((await worker.call(0)).id);
      expect(await link.closed).toMatchObject({ cause: { code: "PROTOCOL_MISMATCH" } });
      link.settleActive(() => new SnakepitError("WORKER_CRASHED", "it was disconnected"));
      expect(recorder.outcomes).toHaveLength(1);
    });
  });

  describe("the end", () => {
    it("keeps active calls until its owner settles them", async () => {
      const observers = [new CallRecorder(), new CallRecorder()];
      link.dispatch(sampleCall({ correlationId: "c-1" }), observers[0]!);
      link.dispatch(sampleCall({ correlationId: "c-2" }), observers[1]!);
      await worker.call(1);
      await worker.transport.close();
      expect(await link.closed).toEqual({ requested: false });
      expect(observers.flatMap(({ outcomes }) => outcomes)).toEqual([]);
      expect(link.activeCalls).toBe(2);

      link.settleActive((callId) => new SnakepitError("WORKER_CRASHED", "it died", { callId }));
      link.settleActive(() => new SnakepitError("INTERNAL", "too late"));
      expect(observers.map(({ outcomes }) => outcomes)).toEqual([
        [{ is: "lost", error: expect.objectContaining({ code: "WORKER_CRASHED", callId: "c-1" }) }],
        [{ is: "lost", error: expect.objectContaining({ code: "WORKER_CRASHED", callId: "c-2" }) }],
      ]);
      expect(link.activeCalls).toBe(0);
    });

    it("fails a later call after dispatch has returned", async () => {
      await worker.transport.close();
      await link.closed;
      const between = new CallRecorder();
      link.dispatch(sampleCall(), between);
      link.settleActive((callId) => new SnakepitError("WORKER_CRASHED", "it died", { callId }));
      expect(between.outcomes.length).toBe(1);
      const after = new CallRecorder();
      link.dispatch(sampleCall({ correlationId: "c-9" }), after);
      expect(after.outcomes).toEqual([]);
      expect(await after.over).toMatchObject({ error: { code: "WORKER_CRASHED", callId: "c-9" } });
      expect(after.outcomes.length).toBe(1);
    });

    it("sends drain and shutdown to the worker", async () => {
      link.drain();
      link.shutdown(1_500);
      expect(await worker.receivedKind(0, "drain")).toEqual({});
      expect(await worker.receivedKind(1, "shutdown")).toEqual({ graceMs: 1_500 });
    });

    it("closes on request", async () => {
      expect(await link.close()).toEqual({ requested: true });
      expect(await link.close()).toEqual({ requested: true });
      expect((await worker.transport.closed).is).toBe("closed-by-peer");
    });
  });
});
