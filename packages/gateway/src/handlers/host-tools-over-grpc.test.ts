import { once } from "node:events";
import { type ClientUnaryCall, type ServiceError, status } from "@grpc/grpc-js";
import { PayloadFormat } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import { type HostTool, hostTool } from "@snakepit/sessions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ExecuteStreamingHostToolResponse } from "../grpc.ts";
import { BridgeBench } from "../testing/bridge-bench.ts";
import { errorInfoIn, failureIn, json, packed, producerStopped, unpacked } from "../testing/client-messages.ts";

describe("host tools over gRPC", () => {
  let bench: BridgeBench;

  beforeEach(async () => {
    bench = await new BridgeBench().serve();
    await bench.call("initializeSession", { sessionId: "s1" });
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  function add(name: string, run: HostTool["run"]): void {
    bench.operations.host.register([hostTool({ name, description: `The tool ${name}.`, run })]);
  }

  const failure = (call: Promise<unknown>) =>
    call.then(
      () => Promise.reject(new Error("the call succeeded")),
      (error: ServiceError) => error,
    );

  it("are listed with parameters, schema and metadata", async () => {
    const schema = {
      type: "object",
      properties: { text: { type: "string", description: "What to parse." } },
      required: ["text"],
    };
    const about = { name: "parse", description: "Parses.", metadata: { cost: 1 } };
    bench.operations.host.register([hostTool({ ...about, parameters: schema, run: () => 0 })]);
    add("any", () => 0);
    const { tools } = await bench.call("listHostTools", { sessionId: "s1" });
    expect(tools[1]).toEqual({
      ...about,
      streaming: false,
      parameters: [
        { name: "text", type: "str", required: true, defaultValue: undefined, description: "What to parse." },
      ],
      jsonSchema: JSON.stringify(schema),
    });
    expect(tools[0]).toMatchObject({ name: "any", jsonSchema: undefined, parameters: [] });
    expect(bench.operations.requests.at(-1)?.context.sessionId).toBe("s1");
  });

  it("run with the arguments and session of the client, in both formats", async () => {
    add("twice", ({ x }, { sessionId }) => ({ twice: (x as number) * 2, sessionId: sessionId ?? null }));
    const inJson = await bench.call("executeHostTool", { tool: "twice", args: json({ x: 2 }), sessionId: "s1" });
    expect(inJson.value?.format).toBe(PayloadFormat.JSON);
    expect(unpacked(inJson)).toEqual({ twice: 4, sessionId: "s1" });
    const { value: args, attachments } = packed({ x: 21 });
    const inMessagePack = await bench.call("executeHostTool", { tool: "twice", args, attachments });
    expect(unpacked(inMessagePack)).toEqual({ twice: 42, sessionId: null });
  });

  it("accept and return arrays", async () => {
    add("negate", ({ array }) => (array as Float64Array).map((each) => -each));
    const array = Float64Array.from({ length: 20_000 }, (_, index) => index);
    const { value: args, attachments } = packed({ array });
    const answer = await bench.call("executeHostTool", { tool: "negate", args, attachments });
    expect(unpacked(answer)).toEqual(array.map((each) => -each));
  });

  it("stream with back-pressure from a client that does not read", async () => {
    let produced = 0;
    add("flood", async function* () {
      for (; produced < 100_000; produced++) yield "x".repeat(1_000);
    });
    const call = bench.stream("executeStreamingHostTool", { tool: "flood", args: json({}) });
    const [first] = (await once(call, "data")) as [ExecuteStreamingHostToolResponse];
    call.on("error", () => {});
    call.pause();
    expect(unpacked(first)).toBe("x".repeat(1_000));
    await producerStopped(
      () => produced,
      () => bench.call("ping", { message: "" }),
    );
    expect(produced).toBeLessThan(10_000);
    call.cancel();
  });

  it("are aborted by the deadline and the cancellation of the client", async () => {
    const started: AbortSignal[] = [];
    const limited: AbortSignal[] = [];
    let limitMs = 100;
    add("limited", (_, { signal, deadline }) => {
      expect(deadline - performance.now()).toBeLessThanOrEqual(limitMs);
      limited.push(signal);
      return once(signal, "abort");
    });
    add("wait", (_, { signal }) => {
      started.push(signal);
      return once(signal, "abort");
    });
    // On a machine under load, the deadline may pass before the function is called; then a later one follows.
    while (limited.length === 0) {
      limitMs *= 2;
      const deadline = Date.now() + limitMs;
      const late = await failure(bench.call("executeHostTool", { tool: "limited" }, { deadline }));
      expect(late.code).toBe(status.DEADLINE_EXCEEDED);
    }
    let call: ClientUnaryCall | undefined;
    const pending = bench.call("executeHostTool", { tool: "wait" }, { begun: (begun) => (call = begun) });
    await expect.poll(() => started.length).toBe(1);
    call?.cancel();
    expect((await failure(pending)).code).toBe(status.CANCELLED);
    for (const signal of [...limited, ...started]) if (!signal.aborted) await once(signal, "abort");
    expect(started[0]?.reason).toMatchObject({ code: "CANCELLED" });
  });

  it("fail with HOST_TOOL_EXCEPTION, without the stack, which only workers receive", async () => {
    const hostException = {
      name: "RangeError",
      message: "too far",
      stack: "RangeError: too far\n    at /srv/app.js:1:1",
    };
    add("throws", () => {
      const details = { tool: "throws", name: "RangeError" };
      throw new SnakepitError("HOST_TOOL_EXCEPTION", "RangeError: too far", { details, hostException });
    });
    const error = await failure(bench.call("executeHostTool", { tool: "throws" }));
    expect(error).toMatchObject({ code: status.UNKNOWN, details: "RangeError: too far" });
    expect(errorInfoIn(error)).toMatchObject({ reason: "HOST_TOOL_EXCEPTION", metadata: { name: "RangeError" } });
    expect(failureIn(error)).toMatchObject({ code: "HOST_TOOL_EXCEPTION", hostException: undefined });
    const [details] = error.metadata.get("grpc-status-details-bin") as [Buffer];
    expect(details.includes("app.js")).toBe(false);
  });

  it("fail with the error that they throw, also in the middle of a stream", async () => {
    add("half", async function* () {
      yield 1;
      throw new SnakepitError("QUOTA_EXCEEDED", "no more");
    });
    const call = bench.stream("executeStreamingHostTool", { tool: "half", args: json({}) });
    const chunks: unknown[] = [];
    call.on("data", (chunk: ExecuteStreamingHostToolResponse) => chunks.push(unpacked(chunk)));
    const [error] = (await once(call, "error").catch((thrown) => [thrown])) as [ServiceError];
    expect(chunks).toEqual([1]);
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: "no more" });
    const unknown = await failure(bench.call("executeHostTool", { tool: "none" }));
    expect(unknown).toMatchObject({ code: status.NOT_FOUND });
  });
});
