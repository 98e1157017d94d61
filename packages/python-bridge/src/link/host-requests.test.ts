import { decodeValue, encodeValue, PayloadFormat } from "@snakepit/bridge-proto";
import { type HostRequests, noHostRequests, type WorkerRequest } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CallRecorder } from "../testing/call-recorder.ts";
import { type LinkedWorker, linkedWorker, sampleCall } from "../testing/linked-worker.ts";

describe("requests of the worker", () => {
  let linked: LinkedWorker;
  let requests: HostRequests;

  beforeEach(async () => {
    requests = noHostRequests;
    linked = await linkedWorker({ ...noHostRequests, handle: (request) => requests.handle(request) });
  });

  afterEach(() => linked[Symbol.asyncDispose]());

  function request(method: string, payload: unknown, callId = 0) {
    const { body } = encodeValue(payload);
    linked.worker.send({
      $case: "request",
      value: {
        id: 7,
        method,
        payload: { format: PayloadFormat.MESSAGEPACK, body, bufferLengths: [] },
        callId,
        remainingMs: 1_000,
        streaming: false,
        credit: 0,
      },
    });
  }

  it("are refused where the host supports none", async () => {
    request("variables.get", {});
    const { id, outcome } = await linked.worker.receivedKind(0, "reply");
    expect(id).toBe(7);
    expect(outcome).toMatchObject({
      $case: "failure",
      value: { code: "INVALID_ARGUMENT", message: expect.stringContaining("variables.get") },
    });
  });

  it("are answered by whoever handles them", async () => {
    const heard: WorkerRequest[] = [];
    requests = {
      ...noHostRequests,
      handle: (each) => {
        heard.push(each);
        return Promise.resolve(encodeValue({ answer: 42 }));
      },
    };
    linked.link.dispatch(sampleCall(), new CallRecorder());
    request("variables.get", { name: "t" }, (await linked.worker.call(0)).id);
    const { outcome } = await linked.worker.receivedKind(1, "reply");
    expect(outcome?.$case === "value" && decodeValue(outcome.value.body, [])).toEqual({ answer: 42 });
    expect(heard).toEqual([
      {
        method: "variables.get",
        payload: { name: "t" },
        pool: "default",
        workerId: "w1",
        call: undefined,
        deadline: expect.any(Number),
        signal: expect.any(AbortSignal),
      },
    ]);
    expect(heard[0]!.signal.aborted).toBe(false);
    await linked.link.close();
    expect(heard[0]!.signal.aborted).toBe(true);
  });

  it("fail with whatever their handler throws", async () => {
    requests = { ...noHostRequests, handle: () => Promise.reject(new TypeError("oops")) };
    request("variables.get", {});
    expect((await linked.worker.receivedKind(0, "reply")).outcome).toMatchObject({
      $case: "failure",
      value: { code: "INTERNAL", message: expect.stringContaining("oops") },
    });
  });
});
