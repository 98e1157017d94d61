import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BridgeServiceService } from "../grpc.ts";
import { BridgeBench } from "../testing/bridge-bench.ts";
import { errorInfoIn } from "../testing/client-messages.ts";

describe("sessions over gRPC", () => {
  let bench: BridgeBench;

  beforeEach(async () => {
    bench = await new BridgeBench().serve();
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  const failure = (call: Promise<unknown>) =>
    call.then(
      () => Promise.reject(new Error("the call succeeded")),
      (error: ServiceError) => error,
    );

  it("are created, and existing ones are returned", async () => {
    const metadata = { user: "me", tags: ["a", 1, null, true], inner: { n: 1.5 } };
    const lifetime = { $case: "ttlMs", value: 5_000 } as const;
    const created = await bench.call("initializeSession", { sessionId: "s1", lifetime, metadata });
    expect(created.session).toEqual({
      id: "s1",
      version: 1,
      metadata,
      createdAtUnixMs: bench.operations.host.clock.now(),
      usedAtUnixMs: bench.operations.host.clock.now(),
      expiresAtUnixMs: bench.operations.host.clock.now() + 5_000,
      ttlMs: 5_000,
      lastWorker: undefined,
    });
    expect(await bench.call("initializeSession", { sessionId: "s1" })).toEqual(created);
    const used = { session: { ...created.session, lastWorker: "w1" } };
    expect(await bench.call("getSession", { sessionId: "s1" })).toEqual(used);
    expect(await bench.call("heartbeatSession", { sessionId: "s1" })).toEqual(used);
    const methods = bench.operations.requests.map(({ method, context }) => [method, context.sessionId]);
    expect(methods).toEqual([
      ["session.open", "s1"],
      ["session.open", "s1"],
      ["session.get", "s1"],
      ["session.touch", "s1"],
    ]);
  });

  it("have a default id, lifetime and metadata", async () => {
    const { session } = await bench.call("initializeSession");
    expect(session).toMatchObject({ id: expect.stringMatching(/./), ttlMs: 60_000, metadata: {} });
    expect(bench.operations.requests[0]?.payload).toEqual({ id: undefined, ttl_ms: undefined, metadata: undefined });
  });

  it("may never expire", async () => {
    const { session } = await bench.call("initializeSession", { lifetime: { $case: "forever", value: true } });
    expect(session).toMatchObject({ ttlMs: undefined, expiresAtUnixMs: undefined });
    expect(bench.operations.requests[0]?.payload).toMatchObject({ ttl_ms: null });
  });

  it("have metadata that is replaced if the version is current", async () => {
    await bench.call("initializeSession", { sessionId: "s1", metadata: { a: 1 } });
    const changed = await bench.call("updateSessionMetadata", { sessionId: "s1", metadata: { b: 2 }, version: 1 });
    expect(changed.session).toMatchObject({ version: 2, metadata: { b: 2 }, lastWorker: "w1" });
    const late = bench.call("updateSessionMetadata", { sessionId: "s1", metadata: { c: 3 }, version: 1 });
    expect(errorInfoIn(await failure(late)).metadata).toMatchObject({ reason: "version", version: "2" });
    const blind = await bench.call("updateSessionMetadata", { sessionId: "s1", metadata: {} });
    expect(blind.session).toMatchObject({ version: 3, metadata: {} });
  });

  it("are listed page by page, counted, and closed", async () => {
    for (const sessionId of ["a", "b", "c"]) await bench.call("initializeSession", { sessionId });
    const ids = async (page: { readonly after?: string; readonly limit?: number }) =>
      (await bench.call("listSessions", page)).sessions.map(({ id }) => id);
    expect(await ids({ limit: 2 })).toEqual(["a", "b"]);
    expect(await ids({ limit: 2, after: "b" })).toEqual(["c"]);
    expect(await ids({})).toEqual(["a", "b", "c"]);
    expect(await bench.call("getSessionStats")).toEqual({
      active: 3,
      expired: 0,
      tracked: 3,
      store: "memory",
      variables: 0,
      programs: 0,
    });
    expect(await bench.call("cleanupSession", { sessionId: "b" })).toEqual({ closed: true });
    expect(await bench.call("cleanupSession", { sessionId: "b" })).toEqual({ closed: false });
  });

  it("fail with NOT_FOUND when missing, with the error code and its details as strings", async () => {
    const error = await failure(bench.call("getSession", { sessionId: "gone" }));
    expect(error).toMatchObject({ code: status.NOT_FOUND, details: expect.stringContaining('"gone"') });
    expect(error.metadata.get("snakepit-code")).toEqual(["UNKNOWN_SESSION"]);
    expect(errorInfoIn(error)).toEqual({
      reason: "UNKNOWN_SESSION",
      domain: "snakepit",
      metadata: { sessionId: "gone" },
    });
  });

  it.each([
    ["no id", (b) => b.call("getSession"), /session_id must not be empty/],
    ["an empty id", (b) => b.call("initializeSession", { sessionId: "" }), /session_id must not be empty/],
    ["no time to live", (b) => b.call("initializeSession", { lifetime: { $case: "ttlMs", value: 0 } }), /ttl_ms/],
    ["no metadata", (b) => b.call("updateSessionMetadata", { sessionId: "s1" }), /metadata must be set/],
  ] satisfies [string, (bench: BridgeBench) => Promise<unknown>, RegExp][])(
    "reject a request with %s",
    async (_, call, message) => {
      const error = await failure(call(bench));
      expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringMatching(message) });
      expect(bench.operations.requests).toEqual([]);
    },
  );

  it("reject metadata that is nested too deeply, and keep working", async () => {
    const request = nestedStructs(4, 20_000);
    const { path } = BridgeServiceService.initializeSession;
    const error = await new Promise<ServiceError>((resolve) => {
      bench.connect().makeUnaryRequest(path, asIs, asIs, request, (thrown) => resolve(thrown!));
    });
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    await bench.call("initializeSession");
  });

  it("receive the name and the deadline of the client", async () => {
    await bench.call("getSessionStats", {}, { metadata: { "snakepit-client": "billing.v2" } });
    const before = performance.now();
    await bench.call("getSessionStats", {}, { deadline: Date.now() + 60_000 });
    const [named, timed] = bench.operations.requests.map(({ context }) => context);
    expect(named).toMatchObject({
      author: "client:billing.v2",
      deadline: Number.POSITIVE_INFINITY,
      sessionId: undefined,
    });
    expect(timed?.author).toBe("client");
    expect(timed?.deadline).toBeGreaterThan(before);
    expect(timed?.deadline).toBeLessThanOrEqual(performance.now() + 60_000);
  });

  it("reject an invalid client name", async () => {
    const error = await failure(bench.call("getSessionStats", {}, { metadata: { "snakepit-client": "a b" } }));
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringContaining("snakepit-client") });
  });
});

const asIs = (bytes: Buffer): Buffer => bytes;

/** Encodes nested `google.protobuf.Struct` messages as the field with this number. */
function nestedStructs(number: number, depth: number): Buffer {
  const heads: Uint8Array[] = [];
  let length = 0;
  const wrap = (head: Uint8Array) => {
    heads.push(head);
    length += head.byteLength;
  };
  const fieldOfLength = (each: number) => new BinaryWriter().uint32((each << 3) | 2).uint32(length);
  for (let level = 0; level < depth; level++) {
    // struct_value of the Value, value and key of the entry, and the entry of the Struct.
    for (const each of [5, 2]) wrap(fieldOfLength(each).finish());
    wrap(new BinaryWriter().uint32(10).string("a").finish());
    wrap(fieldOfLength(1).finish());
  }
  wrap(fieldOfLength(number).finish());
  return Buffer.concat(heads.reverse());
}
