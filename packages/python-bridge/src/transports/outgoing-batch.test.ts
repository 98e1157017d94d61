import { setImmediate } from "node:timers/promises";
import { Batch, CancelReason, type Frame, LogLevel, LogSource } from "@snakepit/bridge-proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkFrame, patternBytes } from "../testing/frames.ts";
import { decodeBatch } from "./incoming-batch.ts";
import { encodeBatch, OutgoingBatch } from "./outgoing-batch.ts";

const payload = fc.record({
  format: fc.constantFrom(0, 1, 2) as fc.Arbitrary<0 | 1 | 2>,
  body: fc.uint8Array({ maxLength: 300 }),
  bufferLengths: fc.array(fc.maxSafeNat(), { maxLength: 3 }),
});
const uint32 = fc.nat(0xffff_ffff);
const text = fc.string({ unit: "binary", maxLength: 200 });
const strings = fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const exception = { type: text, module: text, message: text, traceback: text, notes: fc.array(text, { maxLength: 2 }) };
const thrown = { name: text, message: text, stack: optional(text) };
const failure = fc.record({
  code: text,
  message: text,
  python: optional(
    fc.record({ ...exception, cause: optional(fc.record({ ...exception, cause: fc.constant(undefined) })) }),
  ),
  details: strings,
  hostException: optional(
    fc.record({ ...thrown, cause: optional(fc.record({ ...thrown, cause: fc.constant(undefined) })) }),
  ),
});
const tool = fc.record({
  name: text,
  description: text,
  streaming: fc.boolean(),
  timeoutMs: optional(fc.double()),
  idempotent: fc.boolean(),
  maxConcurrent: optional(uint32),
  parameters: fc.array(
    fc.record({
      name: text,
      type: text,
      required: fc.boolean(),
      defaultValue: optional(text),
      description: optional(text),
    }),
    { maxLength: 2 },
  ),
});

/** One of every kind of frame. */
const stackFrames = fc.array(fc.record({ file: text, line: uint32, function: text, code: text }), { maxLength: 3 });

const kinds: {
  [Case in NonNullable<Frame["kind"]>["$case"]]: fc.Arbitrary<Extract<Frame["kind"], { $case: Case }>["value"]>;
} = {
  hello: fc.record({
    token: text,
    workerId: text,
    pid: uint32,
    startTime: text,
    protocol: uint32,
    runtime: optional(
      fc.record({
        language: text,
        version: text,
        implementation: text,
        bridgeVersion: text,
        freeThreaded: fc.boolean(),
      }),
    ),
    capacity: uint32,
    tools: fc.array(tool, { maxLength: 2 }),
    failure: optional(failure),
    startPermits: text,
    unsentRecords: text,
    checkTool: text,
    sourceFiles: fc.array(text, { maxLength: 2 }),
    profile: text,
    profileMetadata: fc.dictionary(text, text, { maxKeys: 2 }),
  }),
  result: fc.record({ id: uint32, value: optional(payload), executionUs: uint32 }),
  chunk: fc.record({ id: uint32, value: optional(payload) }),
  callFailure: fc.record({ id: uint32, failure: optional(failure), executionUs: uint32 }),
  recall: fc.record({ ids: fc.array(uint32, { maxLength: 3 }) }),
  request: fc.record({
    id: uint32,
    method: text,
    payload: optional(payload),
    callId: uint32,
    remainingMs: fc.double(),
    streaming: fc.boolean(),
    credit: uint32,
    traceparent: optional(text),
  }),
  heartbeat: fc.record({
    rssBytes: fc.maxSafeNat(),
    active: uint32,
    lastProgressMs: uint32,
    cpuMs: fc.double(),
    threads: uint32,
  }),
  telemetry: fc.record({
    spans: fc.array(
      fc.record({
        traceparent: text,
        parentSpanId: text,
        name: text,
        startUnixUs: fc.maxSafeNat(),
        endUnixUs: fc.maxSafeNat(),
        attributes: optional(payload),
        failure: optional(failure),
        callId: uint32,
        execution: fc.boolean(),
        exported: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    events: fc.array(
      fc.record({
        name: text,
        timeUnixUs: fc.maxSafeNat(),
        attributes: optional(payload),
        callId: uint32,
        spanId: text,
        measurements: optional(payload),
      }),
      { maxLength: 2 },
    ),
    droppedSpans: uint32,
    droppedEvents: uint32,
    collections: fc.array(
      fc.record({
        generation: uint32,
        timeUnixUs: fc.maxSafeNat(),
        durationUs: uint32,
        collected: uint32,
        uncollectable: uint32,
      }),
      { maxLength: 2 },
    ),
  }),
  log: fc.record({
    source: fc.constantFrom(LogSource.STDERR, LogSource.UNSPECIFIED),
    level: fc.constantFrom(LogLevel.WARN, LogLevel.UNSPECIFIED),
    logger: text,
    message: text,
    timeUnixUs: fc.maxSafeNat(),
    callId: uint32,
    thread: text,
    traceparent: optional(text),
  }),
  stacks: fc.record({
    id: uint32,
    threads: fc.array(fc.record({ name: text, main: fc.boolean(), internal: fc.boolean(), frames: stackFrames })),
    tasks: fc.array(fc.record({ name: text, coroutine: text, frames: stackFrames })),
  }),
  readStacks: fc.record({ id: uint32 }),
  accept: fc.record({
    protocol: uint32,
    runId: text,
    heartbeatIntervalMs: uint32,
    heartbeatTimeoutMs: uint32,
    maxPayloadBytes: fc.maxSafeNat(),
    readsUnsentRecords: fc.boolean(),
  }),
  reject: fc.record({ failure: optional(failure) }),
  call: fc.record({
    id: uint32,
    tool: text,
    args: optional(payload),
    remainingMs: fc.double(),
    correlationId: text,
    sessionId: optional(text),
    traceparent: optional(text),
    streaming: fc.boolean(),
    credit: uint32,
    metadata: strings,
    ahead: fc.boolean(),
  }),
  cancel: fc.record({ id: uint32, reason: fc.constantFrom(CancelReason.CANCELLED, CancelReason.DEADLINE) }),
  reply: fc.record({
    id: uint32,
    outcome: fc.oneof(
      payload.map((value) => ({ $case: "value", value }) as const),
      failure.map((value) => ({ $case: "failure", value }) as const),
      fc.boolean().map((value) => ({ $case: "end", value }) as const),
      fc.constant(undefined),
    ),
  }),
  replyChunk: fc.record({ id: uint32, value: optional(payload) }),
  sessionEnded: fc.record({ sessionId: text }),
  invalidate: fc.record({ sessionId: text, keys: fc.array(text, { maxLength: 3 }) }),
  drain: fc.constant({}),
  shutdown: fc.record({ graceMs: uint32 }),
  telemetryControl: fc.record({
    enabled: fc.boolean(),
    samplingRatio: fc.double(),
    traces: fc.boolean(),
    allSpans: fc.boolean(),
    allEvents: fc.boolean(),
    spanFilters: fc.array(text, { maxLength: 2 }),
    eventFilters: fc.array(text, { maxLength: 2 }),
    maxPerSecond: uint32,
    garbageCollections: fc.boolean(),
    sampledCallsPerSecond: uint32,
  }),
  credit: fc.record({ id: uint32, chunks: uint32 }),
};

const frame = fc.oneof(
  ...Object.entries(kinds).map(([$case, value]) =>
    (value as fc.Arbitrary<unknown>).map((each): Frame => ({ kind: { $case, value: each } as never })),
  ),
);

describe("encodeBatch", () => {
  it("encodes every kind of frame like the generated code", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), fc.array(fc.nat(100), { maxLength: 3 }), (frames, lengths) => {
        const attachments = lengths.map((length) => new Uint8Array(length));
        const expected = Batch.encode({ frames, attachmentLengths: lengths }).finish();
        expect(encodeBatch(frames, attachments, 4).subarray(4)).toEqual(Buffer.from(expected));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([0, 127, 128, 16_383, 16_384, 65_535, 65_536, 2_097_151, 2_097_152])(
    "writes a body of %i bytes",
    (length) => {
      const frames = [chunkFrame(1, patternBytes(length)), chunkFrame(2, patternBytes(3))];
      const expected = Batch.encode({ frames, attachmentLengths: [] }).finish();
      expect(Buffer.compare(encodeBatch(frames, [], 0), expected)).toBe(0);
    },
  );

  it("does not change previous batches", () => {
    const frames = Array.from({ length: 5_000 }, (_, id) => [chunkFrame(id, patternBytes(id % 300))]);
    const batches = frames.map((each) => encodeBatch(each, [], 0));
    const expected = frames.map((each) => Buffer.from(Batch.encode({ frames: each, attachmentLengths: [] }).finish()));
    expect(batches).toEqual(expected);
  });

  it("recovers from a frame that cannot be encoded", () => {
    const good = chunkFrame(1, patternBytes(10));
    const bad: Frame = { kind: { $case: "credit", value: { id: 1, chunks: Number.POSITIVE_INFINITY } } };
    expect(() => encodeBatch([good, bad], [], 4)).toThrow(RangeError);
    const expected = Batch.encode({ frames: [good], attachmentLengths: [] }).finish();
    expect(encodeBatch([good], [], 0)).toEqual(Buffer.from(expected));
  });

  it("keeps no more memory after a large batch than after a small one", () => {
    encodeBatch([chunkFrame(1, patternBytes(10_000_000))], [], 0);
    expect(encodeBatch([chunkFrame(1, patternBytes(10))], [], 0).buffer.byteLength).toBe(64 * 1024);
  });
});

describe("decodeBatch", () => {
  const answers = fc.oneof(
    kinds.result.map((value): Frame => ({ kind: { $case: "result", value } })),
    kinds.chunk.map((value): Frame => ({ kind: { $case: "chunk", value } })),
  );

  it("decodes every kind of frame like the generated code", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(frame, answers), { maxLength: 5 }), uint32, (frames, offset) => {
        const bytes = Buffer.from(Batch.encode({ frames, attachmentLengths: [] }).finish());
        const start = offset % 10;
        const memory = Buffer.concat([Buffer.alloc(start), bytes, Buffer.alloc(7)]);
        expect(decodeBatch(memory, start, start + bytes.byteLength).frames).toEqual(Batch.decode(bytes).frames);
      }),
      { numRuns: 1_000 },
    );
  });
});

const DRAIN: Frame = { kind: { $case: "drain", value: {} } };
const ACCEPT: Frame = {
  kind: {
    $case: "accept",
    value: {
      protocol: 1,
      runId: "r",
      heartbeatIntervalMs: 1,
      heartbeatTimeoutMs: 0,
      maxPayloadBytes: 1,
      readsUnsentRecords: true,
    },
  },
};

function collect(): { readonly batches: string[][]; readonly outgoing: OutgoingBatch } {
  const batches: string[][] = [];
  const outgoing = new OutgoingBatch((frames) => batches.push(frames.map((frame) => frame.kind?.$case ?? "nothing")));
  return { batches, outgoing };
}

it("all frames of one turn, including its promise callbacks, are sent as one batch", async () => {
  const { batches, outgoing } = collect();
  outgoing.add(DRAIN);
  await Promise.resolve();
  outgoing.add(DRAIN);
  expect(batches).toEqual([]);
  await setImmediate();
  expect(batches).toEqual([["drain", "drain"]]);
});

it("frames after Accept in the same turn are sent in a separate batch", async () => {
  const { batches, outgoing } = collect();
  outgoing.add(ACCEPT);
  outgoing.add(DRAIN);
  await setImmediate();
  expect(batches).toEqual([["accept"], ["drain"]]);
});
