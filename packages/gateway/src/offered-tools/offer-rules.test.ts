import { status } from "@grpc/grpc-js";
import type { PayloadFormat } from "@snakepit/bridge-proto";
import type { OfferedTool } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BENCH_LIMIT } from "../testing/bridge-bench.ts";
import { json } from "../testing/client-messages.ts";
import { failure, OfferBench } from "../testing/offer-bench.ts";
import type { ToolProvider } from "../testing/tool-provider.ts";

const nothing = { value: json(null), attachments: [] };

describe("offers of tools that violate the protocol", () => {
  let bench: OfferBench;

  beforeEach(async () => {
    bench = await new OfferBench().serve();
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  /** Calls a tool without waiting for its result. */
  function begin(tool: string): void {
    if (tool !== "stream") bench.execute(tool).catch(() => {});
    else
      bench
        .stream("executeStreamingHostTool", { tool, args: json({}) })
        .resume()
        .on("error", () => {});
  }

  /** Violations of the protocol. The ID of the call, if any, is 1. */
  const rules: [string, string | undefined, (provider: ToolProvider) => unknown, RegExp][] = [
    [
      "an unknown call",
      undefined,
      (p) => p.send("result", { callId: 7, ...nothing }),
      /call_id must be the ID of a call; got 7 \(result\)/,
    ],
    [
      "call 0",
      undefined,
      (p) => p.send("result", { callId: 0, ...nothing }),
      /call_id must be the ID of a call; got 0/,
    ],
    [
      "two answers to a call",
      "wait",
      (p) => p.send("result", { callId: 1, ...nothing }).send("result", { callId: 1, ...nothing }),
      /call 1 must have one answer; got another one \(result\)/,
    ],
    [
      "a chunk without streaming",
      "wait",
      (p) => p.send("chunk", { callId: 1, ...nothing }),
      /call 1 of "wait" does not stream; answer it with a result; got a chunk/,
    ],
    ["an end without streaming", "wait", (p) => p.send("end", { callId: 1 }), /does not stream; .* got an end/],
    [
      "a result while streaming",
      "stream",
      (p) => p.send("result", { callId: 1, ...nothing }),
      /call 1 of "stream" streams; answer it with chunks and an end/,
    ],
    [
      "a failure without a reason",
      "wait",
      (p) => p.send("failure", { callId: 1 }),
      /the failure of call 1 of "wait" must contain a Failure/,
    ],
    [
      "a result without a value",
      "wait",
      (p) => p.send("result", { callId: 1, attachments: [] }),
      /result of call 1 of "wait" must be set to a Payload/,
    ],
    [
      "a value that is too large",
      "wait",
      (p) =>
        p.send("result", { callId: 1, value: { ...json(null), body: Buffer.alloc(BENCH_LIMIT + 1) }, attachments: [] }),
      /result of call 1 of "wait" must have at most 4194304 bytes; got 4194305/,
    ],
    [
      "a malformed value",
      "wait",
      (p) => p.send("result", { callId: 1, value: { ...json(null), body: Buffer.from("{") }, attachments: [] }),
      /result of call 1 of "wait" must be JSON/,
    ],
    ["a second offer", undefined, (p) => p.offer([{ name: "other" }]), /must have only one offer/],
    ["an empty message", undefined, (p) => p.stream.write({ message: undefined }), /must have a known kind/],
  ];

  it.each(rules)("end with INVALID_ARGUMENT for %s", async (_, tool, act, message) => {
    const provider = await bench.offering("wait", "stream");
    if (tool !== undefined) {
      begin(tool);
      await provider.next("call");
    }
    act(provider);
    expect(await provider.ended).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(message),
    });
    expect(await bench.names()).toEqual([]);
  });

  it("end with INVALID_ARGUMENT for more chunks than were granted", async () => {
    const provider = await bench.offering("stream");
    let taken = 0;
    // Reads one chunk and then stops.
    const [tool] = bench.operations.requests[0]!.payload as readonly OfferedTool[];
    const context = {
      sessionId: undefined,
      correlationId: "c",
      remainingMs: 1_000,
      signal: new AbortController().signal,
    };
    const chunks = tool?.run({}, context) as AsyncIterableIterator<unknown>;
    const { callId } = await provider.next("call");
    for (let i = 0; i < 18; i++) provider.send("chunk", { callId, ...nothing });
    const first = chunks.next().then(() => taken++);
    expect(await provider.ended).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: `call ${callId} of "stream" has no credit for another chunk; wait for credit`,
    });
    await first;
    expect(taken).toBe(1);
  });

  it("end when the client does not answer cancelled calls", async () => {
    const provider = await bench.offering("wait");
    const [tool] = bench.operations.requests[0]!.payload as readonly OfferedTool[];
    const controller = new AbortController();
    const { signal } = controller;
    const context = { sessionId: undefined, correlationId: "c", remainingMs: 1_000, signal };
    const calls = Array.from({ length: 10_001 }, () => (tool!.run({}, context) as Promise<unknown>).catch(() => {}));
    while ((await provider.next("call")).callId < calls.length);
    controller.abort();
    await Promise.all(calls);
    const { code, details } = await provider.ended;
    expect([code, details]).toEqual([
      status.INVALID_ARGUMENT,
      expect.stringMatching(/more than 10000 cancelled calls have no/),
    ]);
  });

  it("end when a message exceeds the size limit", async () => {
    const provider = await bench.offering("wait");
    const lost = failure(bench.execute("wait"));
    const { callId } = await provider.next("call");
    const body = Buffer.alloc(BENCH_LIMIT + 2 * 1024 * 1024);
    provider.send("result", { callId, value: { ...json(null), body }, attachments: [] });
    expect(await provider.ended).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(await lost).toMatchObject({ code: "WORKER_CRASHED" });
    expect(await bench.names()).toEqual([]);
  });

  it("are not registered when the offer is invalid", async () => {
    const rejectionOf = async (offer: (provider: ToolProvider) => unknown) => {
      const provider = bench.offer();
      offer(provider);
      const { code, details } = await provider.ended;
      return `${code === status.INVALID_ARGUMENT} ${details}`;
    };
    const twice = { name: "x", type: "int", required: true, defaultValue: undefined, description: undefined };
    await bench.offering("taken");
    expect([
      await rejectionOf((p) => p.send("result", { callId: 1, ...nothing })),
      await rejectionOf((p) => p.offer([])),
      await rejectionOf((p) => p.offer([{ name: "new" }, { name: "taken" }])),
      await rejectionOf((p) => p.offer([{ name: "a", jsonSchema: "{" }])),
      await rejectionOf((p) => p.offer([{ name: "a", jsonSchema: "[1]" }])),
      await rejectionOf((p) => p.offer([{ name: "a", parameters: [twice, twice] }])),
      await rejectionOf((p) => p.offer([{ name: "a" }], { sessionId: "" })),
      await rejectionOf((p) => p.offer([{ name: "a" }], { format: 9 as PayloadFormat })),
    ]).toEqual([
      "true the first message must be the offer; got a result",
      "true the offer must have at least one tool",
      expect.stringMatching(/^true .*taken: is already registered/s),
      expect.stringContaining('true json_schema of tool "a" must be JSON: '),
      'true json_schema of tool "a" must be a JSON object; got [1]',
      'true parameters of tool "a" must have unique names; got "x" more than once',
      expect.stringContaining("true session_id must not be empty"),
      expect.stringContaining("true format of the answer must be "),
    ]);
    expect(await bench.names()).toEqual(["taken"]);
  });
});
