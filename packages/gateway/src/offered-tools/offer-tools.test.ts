import { once } from "node:events";
import { type ClientUnaryCall, status } from "@grpc/grpc-js";
import { PayloadFormat } from "@snakepit/bridge-proto";
import type { OfferedTool } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ExecuteStreamingHostToolResponse, HostTool } from "../grpc.ts";
import { BridgeBench } from "../testing/bridge-bench.ts";
import { json, packed, unpacked } from "../testing/client-messages.ts";
import { failure, OfferBench } from "../testing/offer-bench.ts";
import type { ToolProvider } from "../testing/tool-provider.ts";

/** A deadline in milliseconds that a call on a machine under load reaches only after it has arrived. */
const LIMIT_MS = 6_000;

const nothing = { value: json(null), attachments: [] };

describe("tools that a client offers", () => {
  let bench: OfferBench;

  beforeEach(async () => {
    bench = await new OfferBench().serve();
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  it("are available from the confirmation of the offer until the client disconnects", async () => {
    const provider = await bench.offering("twice");
    expect(await bench.names()).toEqual(["twice"]);
    const answer = bench.execute("twice", { x: 21 });
    const { callId, args, ...call } = await provider.next("call");
    expect(call).toEqual({
      tool: "twice",
      attachments: [],
      sessionId: undefined,
      remainingMs: 0,
      streaming: false,
      credit: 0,
      correlationId: expect.any(String),
    });
    expect(unpacked({ value: args, attachments: [] })).toEqual({ x: 21 });
    provider.send("result", { callId, value: json(42), attachments: [] });
    expect(await answer).toBe(42);
    provider.stream.end();
    expect(await provider.ended).toMatchObject({ code: status.OK });
    expect(await bench.names()).toEqual([]);
  });

  it("are registered with schema and metadata, in the session of the client", async () => {
    const schema = { type: "object", properties: { text: { type: "string" } } };
    const parameter = {
      name: "to",
      type: "list[int]",
      required: true,
      defaultValue: undefined,
      description: "How far.",
    };
    const optional = { name: "at", type: "datetime", required: false, defaultValue: undefined, description: undefined };
    const tools: Partial<HostTool>[] = [
      { name: "parse", description: "Parses.", jsonSchema: JSON.stringify(schema), metadata: { cost: 1 } },
      { name: "count", parameters: [parameter, optional] },
      { name: "any" },
    ];
    const provider = bench.offer({ metadata: { "snakepit-client": "billing" } }).offer(tools, { sessionId: "s1" });
    await provider.next("offered");
    const registration = bench.operations.requests[0]!;
    expect(registration).toMatchObject({
      method: "tools.offer",
      context: { sessionId: "s1", author: "client:billing" },
    });
    const [parse, count, any] = registration.payload as readonly OfferedTool[];
    expect(parse).toMatchObject({ name: "parse", description: "Parses.", parameters: schema, metadata: { cost: 1 } });
    expect(count?.parameters).toEqual({
      type: "object",
      properties: { to: { type: "array", description: "How far." }, at: {} },
      required: ["to"],
    });
    expect(any?.parameters).toBeUndefined();
  });

  it("receive and return arrays in MessagePack, and answer in the format of the caller", async () => {
    const provider = bench.offer().offer([{ name: "negate" }]);
    await provider.next("offered");
    const array = Float64Array.from({ length: 20_000 }, (_, index) => index);
    const { value: args, attachments } = packed({ array });
    const answer = bench.call("executeHostTool", { tool: "negate", args, attachments });
    const call = await provider.next("call");
    expect(call.args?.format).toBe(PayloadFormat.MESSAGEPACK);
    const received = unpacked({ value: call.args, attachments: call.attachments }) as { readonly array: Float64Array };
    provider.send("result", { callId: call.callId, ...packed(received.array.map((each) => -each)) });
    expect(unpacked(await answer)).toEqual(array.map((each) => -each));
  });

  it("reject arguments that JSON cannot represent", async () => {
    await bench.offering("log");
    const { value: args } = packed({ at: Number.NaN });
    expect(await failure(bench.call("executeHostTool", { tool: "log", args }))).toMatchObject({
      code: "SERIALIZATION",
      message: expect.stringContaining("args.at is NaN, which JSON cannot represent"),
    });
  });

  it("accept concurrent calls, and answer in any order", async () => {
    const provider = await bench.offering("echo");
    const answers = Array.from({ length: 100 }, (_, n) => bench.execute("echo", { n }));
    const calls = [];
    for (let i = 0; i < 100; i++) calls.push(await provider.next("call"));
    for (const { callId, args } of calls.reverse()) provider.send("result", { callId, value: args, attachments: [] });
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 100 }, (_, n) => ({ n })));
  });

  it("fail with the failure that the client sends", async () => {
    const provider = await bench.offering("fail");
    const failed = failure(bench.execute("fail"));
    const { callId } = await provider.next("call");
    provider.send("failure", { callId, failure: { code: "QUOTA_EXCEEDED", message: "no more", details: {} } });
    expect(await failed).toEqual({ status: status.RESOURCE_EXHAUSTED, message: "no more", code: "QUOTA_EXCEEDED" });
    const unknown = failure(bench.execute("fail"));
    const again = await provider.next("call");
    provider.send("failure", { callId: again.callId, failure: { code: "ValueError", message: "bad", details: {} } });
    expect(await unknown).toEqual({ status: status.UNKNOWN, message: "bad", code: "HOST_TOOL_EXCEPTION" });
  });

  it("stream only as far as the consumer has credit", async () => {
    const provider = await bench.offering("stream");
    const call = bench.stream("executeStreamingHostTool", { tool: "stream", args: json({}) });
    const chunks: unknown[] = [];
    call.on("data", (chunk: ExecuteStreamingHostToolResponse) => chunks.push(unpacked(chunk)));
    const { callId, credit, streaming } = await provider.next("call");
    expect({ credit, streaming }).toEqual({ credit: 16, streaming: true });
    const send = (from: number, count: number) => {
      for (let i = from; i < from + count; i++) provider.send("chunk", { callId, value: json(i), attachments: [] });
    };
    send(0, 16);
    expect(await provider.next("credit")).toEqual({ callId, chunks: 8 });
    send(16, 8);
    provider.send("end", { callId });
    await once(call, "end");
    expect(chunks).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  it("fail in the middle of a stream, after the earlier chunks", async () => {
    const provider = await bench.offering("stream");
    const call = bench.stream("executeStreamingHostTool", { tool: "stream", args: json({}) });
    const chunks: unknown[] = [];
    call.on("data", (chunk: ExecuteStreamingHostToolResponse) => chunks.push(unpacked(chunk)));
    const error = once(call, "error").catch((thrown) => [thrown]);
    const { callId } = await provider.next("call");
    provider.send("chunk", { callId, value: json(1), attachments: [] });
    provider.send("failure", { callId, failure: { code: "INTERNAL", message: "bad", details: {} } });
    expect(await error).toMatchObject([{ code: status.INTERNAL, details: "bad" }]);
    expect(chunks).toEqual([1]);
  });

  it("are notified of deadlines and cancellation, and later answers are ignored", async () => {
    const provider = await bench.offering("wait", "stream");
    const late = failure(bench.call("executeHostTool", { tool: "wait" }, { deadline: Date.now() + LIMIT_MS }));
    const first = await provider.next("call");
    expect(first.remainingMs).toBeGreaterThan(0);
    expect(first.remainingMs).toBeLessThanOrEqual(LIMIT_MS);
    expect(await provider.next("cancel")).toEqual({ callId: first.callId });
    expect((await late).status).toBe(status.DEADLINE_EXCEEDED);
    const stream = bench.stream("executeStreamingHostTool", { tool: "stream", args: json({}) });
    stream.on("error", () => {});
    const second = await provider.next("call");
    stream.cancel();
    expect(await provider.next("cancel")).toEqual({ callId: second.callId });
    provider.send("result", { callId: first.callId, ...nothing });
    provider.send("chunk", { callId: second.callId, ...nothing }).send("end", { callId: second.callId });
    const answer = bench.execute("wait");
    const third = await provider.next("call");
    provider.send("result", { callId: third.callId, value: json("here"), attachments: [] });
    expect(await answer).toBe("here");
  });

  it.each([
    ["disconnects", (provider: ToolProvider) => provider.stream.end(), "disconnected"],
    ["cancels", (provider: ToolProvider) => provider.stream.cancel(), "disconnected"],
    [
      "violates the protocol",
      (provider: ToolProvider) => provider.send("end", { callId: 99 }),
      "was disconnected: call_id must be the ID of a call; got 99 (end)",
    ],
  ])("fail active calls when the client %s", async (_, act, reason) => {
    const provider = await bench.offering("wait", "stream");
    const call = failure(bench.execute("wait"));
    await provider.next("call");
    const stream = bench.stream("executeStreamingHostTool", { tool: "stream", args: json({}) });
    const streamed = once(stream.resume(), "error").catch((thrown) => [thrown]);
    await provider.next("call");
    act(provider);
    expect(await call).toEqual({
      status: status.UNAVAILABLE,
      message: `host tool "wait" failed: client "client:billing", which offered it, ${reason}; try again when the client offers the tool again`,
      code: "WORKER_CRASHED",
    });
    expect(await streamed).toMatchObject([{ code: status.UNAVAILABLE }]);
    expect(await bench.names()).toEqual([]);
  });

  it("are removed when the deadline of the stream passes", async () => {
    const provider = bench.offer({ deadline: Date.now() + LIMIT_MS }).offer([{ name: "wait" }]);
    await provider.next("offered");
    const call = failure(bench.execute("wait"));
    expect(await call).toMatchObject({ code: "WORKER_CRASHED" });
    expect(await provider.ended).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(await bench.names()).toEqual([]);
  });

  it("are removed with their session, after the active calls are answered", async () => {
    await bench.call("initializeSession", { sessionId: "s1" });
    const provider = bench.offer().offer([{ name: "wait" }], { sessionId: "s1", format: PayloadFormat.JSON });
    await provider.next("offered");
    const answer = bench.call("executeHostTool", { tool: "wait", args: json({}), sessionId: "s1" }).then(unpacked);
    const { callId } = await provider.next("call");
    await bench.call("cleanupSession", { sessionId: "s1" });
    expect(await bench.names()).toEqual([]);
    provider.send("result", { callId, value: json("in time"), attachments: [] });
    expect(await answer).toBe("in time");
    expect(await provider.ended).toMatchObject({ code: status.OK });
  });

  it("are removed when the host closes, after the active calls are answered", async () => {
    const idle = await bench.offering("idle");
    const busy = await bench.offering("busy");
    const silent = bench.offer();
    const answer = bench.execute("busy");
    const { callId } = await busy.next("call");
    const closed = bench.close({ graceMs: 60_000 });
    expect(await idle.ended).toMatchObject({ code: status.UNAVAILABLE, details: expect.stringContaining("closing") });
    busy.send("result", { callId, value: json("in time"), attachments: [] });
    expect(await answer).toBe("in time");
    expect(await busy.ended).toMatchObject({ code: status.UNAVAILABLE });
    expect(await silent.ended).toMatchObject({ code: status.UNAVAILABLE });
    await closed;
  });

  it("fail calls that are not answered within the grace period of a closing host", async () => {
    const provider = await bench.offering("busy");
    const call = failure(bench.execute("busy"));
    await provider.next("call");
    await bench.close({ graceMs: 0 });
    expect((await call).status).toBeOneOf([status.UNAVAILABLE, status.CANCELLED]);
    await provider.ended;
  });

  it("are called when a client reads again, except for cancelled calls", async () => {
    const provider = await bench.offering("echo");
    provider.stream.pause();
    const text = "x".repeat(100_000);
    const begun: ClientUnaryCall[] = [];
    const request = { tool: "echo", args: json({ text }) };
    const calls = Array.from({ length: 100 }, () =>
      failure(bench.call("executeHostTool", request, { begun: (call) => begun.push(call) })),
    );
    const asked = () => bench.operations.requests.filter(({ method }) => method === "tools.call").length;
    await expect.poll(asked, { timeout: 60_000 }).toBe(100);
    for (const call of begun) call.cancel();
    for (const each of calls) expect((await each).status).toBe(status.CANCELLED);
    await bench.call("initializeSession", { sessionId: "last" });
    const answer = bench.call("executeHostTool", { tool: "echo", args: json({}), sessionId: "last" });
    await expect.poll(asked, { timeout: 60_000 }).toBe(101);
    provider.stream.resume();
    let last = 0;
    let sent = 0;
    for (let isLast = false; !isLast; ) {
      const message = await provider.any();
      if (message.$case !== "call") continue;
      sent++;
      last = message.value.callId;
      isLast = message.value.sessionId === "last";
    }
    expect(last).toBe(101);
    expect(sent).toBeLessThan(101);
    provider.send("result", { callId: last, value: json("here"), attachments: [] });
    expect(unpacked(await answer)).toBe("here");
  });

  it("require the token", async () => {
    const token = "a-token-of-more-than-32-characters-in-all";
    await using guarded = await new BridgeBench().serve({ port: 0, token });
    const unauthenticated = guarded.offer().offer([{ name: "a" }]);
    expect(await unauthenticated.ended).toMatchObject({ code: status.UNAUTHENTICATED });
    const authenticated = guarded.offer({ metadata: { authorization: `Bearer ${token}` } }).offer([{ name: "a" }]);
    await authenticated.next("offered");
  });
});
