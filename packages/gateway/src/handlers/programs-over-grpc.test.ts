import { type ServiceError, status } from "@grpc/grpc-js";
import { PayloadFormat } from "@snakepit/bridge-proto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BridgeBench } from "../testing/bridge-bench.ts";
import { errorInfoIn, json, packed, unpacked } from "../testing/client-messages.ts";

describe("programs over gRPC", () => {
  let bench: BridgeBench;

  beforeEach(async () => {
    bench = await new BridgeBench().serve();
    await bench.call("initializeSession", { sessionId: "s1" });
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  const failure = (call: Promise<unknown>) =>
    call.then(
      () => Promise.reject(new Error("the call succeeded")),
      (error: ServiceError) => error,
    );

  const document = { prompt: "say {x}", examples: [{ x: 1 }] };

  it.each([
    ["of a session", { sessionId: "s1" }, "session"],
    ["of the global scope", {}, "global"],
  ])("%s are stored, read, changed, listed and deleted", async (_, where, scope) => {
    const programId = "qa";
    expect(await bench.call("storeProgram", { ...where, programId, document: json(document) })).toEqual({ version: 1 });
    const read = await bench.call("getProgram", { ...where, programId });
    expect(read).toMatchObject({ version: 1, document: { format: PayloadFormat.MESSAGEPACK } });
    expect(unpacked({ ...read, value: read.document })).toEqual(document);
    const { value, attachments } = packed({ changed: true });
    const change = { ...where, programId, document: value, attachments, version: 1 };
    expect(await bench.call("updateProgram", change)).toEqual({ version: 2 });
    const late = await failure(bench.call("updateProgram", change));
    expect(errorInfoIn(late).metadata).toMatchObject({ reason: "version", version: "2" });
    const again = await bench.call("getProgram", { ...where, programId, format: PayloadFormat.JSON });
    expect(unpacked({ ...again, value: again.document })).toEqual({ changed: true });
    const { programs } = await bench.call("listPrograms", { ...where, pattern: "q*" });
    expect(programs).toEqual([{ id: "qa", version: 2, updatedAtUnixMs: bench.operations.host.clock.now() }]);
    expect((await bench.call("listPrograms", where)).programs).toHaveLength(1);
    expect(await bench.call("deleteProgram", { ...where, programId })).toEqual({ deleted: true });
    expect(await bench.call("deleteProgram", { ...where, programId })).toEqual({ deleted: false });
    const about = bench.operations.requests.filter(({ method }) => method.startsWith("programs."));
    expect(new Set(about.map(({ payload }) => (payload as { scope: string }).scope))).toEqual(new Set([scope]));
  });

  it("are executed in a session, with the answer in the format of the arguments", async () => {
    await bench.call("storeProgram", { programId: "qa", document: json(document) });
    const request = { sessionId: "s1", command: "execute_program", args: json({ program_id: "qa" }), pool: "ml" };
    const answer = await bench.call("executeProgram", request);
    expect(answer.value?.format).toBe(PayloadFormat.JSON);
    expect(unpacked(answer)).toEqual({
      command: "execute_program",
      args: { program_id: "qa", program_data: document },
    });
    const { payload, context } = bench.operations.requests.at(-1)!;
    expect(payload).toEqual({ command: "execute_program", args: { program_id: "qa" }, pool: "ml" });
    expect(context.sessionId).toBe("s1");
  });

  it.each([
    [
      "unknown",
      (): Promise<unknown> => bench.call("getProgram", { programId: "gone" }),
      /program "gone" does not exist/,
    ],
    ["without a document", () => bench.call("storeProgram", { programId: "qa" }), /document must be set/],
    [
      "of a session with an empty id",
      () => bench.call("listPrograms", { sessionId: "" }),
      /session_id must not be empty/,
    ],
    [
      "executed without a session",
      () => bench.call("executeProgram", { command: "x" }),
      /session_id must not be empty/,
    ],
    [
      "executed with arguments that are not a map",
      () => bench.call("executeProgram", { sessionId: "s1", command: "x", args: json([1]) }),
      /args must be a map/,
    ],
  ])("are rejected when they are %s", async (_, call, message) => {
    const error = await failure(call());
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringMatching(message) });
  });
});
