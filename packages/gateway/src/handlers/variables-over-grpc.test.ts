import { once } from "node:events";
import { type ServiceError, status } from "@grpc/grpc-js";
import { PayloadFormat } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type VariableConstraints, type VariableOutcome, VariableType, type WatchVariablesResponse } from "../grpc.ts";
import { BENCH_LIMIT, BridgeBench } from "../testing/bridge-bench.ts";
import { errorInfoIn, json, packed, unpacked } from "../testing/client-messages.ts";

const sessionId = "s1";

describe("variables over gRPC", () => {
  let bench: BridgeBench;

  beforeEach(async () => {
    bench = await new BridgeBench().serve();
    await bench.call("initializeSession", { sessionId });
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  const failure = (call: Promise<unknown>) =>
    call.then(
      () => Promise.reject(new Error("the call succeeded")),
      (error: ServiceError) => error,
    );

  const unconstrained: VariableConstraints = {
    ...{ min: undefined, max: undefined, minLength: undefined, maxLength: undefined, pattern: undefined },
    ...{ choices: [], dimensions: undefined, shape: undefined, dtype: undefined },
  };

  async function register(name: string, value: unknown, type: VariableType = VariableType.FLOAT): Promise<void> {
    await bench.call("registerVariable", { sessionId, name, type, ...packed(value) });
  }

  it("are registered with type, constraints and metadata", async () => {
    const constraints = { ...unconstrained, min: 0, max: 2 };
    const { variable } = await bench.call("registerVariable", {
      sessionId,
      name: "temperature",
      type: VariableType.FLOAT,
      value: json(0.5),
      constraints,
      metadata: { unit: "none" },
    });
    expect(variable).toMatchObject({ name: "temperature", type: VariableType.FLOAT, version: 1, constraints });
    expect(variable?.value?.format).toBe(PayloadFormat.JSON);
    expect(unpacked(variable!)).toBe(0.5);
    const { payload, context } = bench.operations.requests.at(-1)!;
    expect(context.sessionId).toBe(sessionId);
    expect(payload).toEqual({
      name: "temperature",
      type: "float",
      value: 0.5,
      constraints: { min: 0, max: 2 },
      metadata: { unit: "none" },
    });
  });

  it.each([
    ["STRING", "text", { minLength: 1, maxLength: 9, pattern: "^t" }],
    ["INTEGER", 7, { min: -1 }],
    ["BOOLEAN", true, {}],
    ["CHOICE", "a", { choices: ["a", "b"] }],
    ["MODULE", "pkg.mod", {}],
    ["EMBEDDING", Float32Array.of(1, 2), { dimensions: 2 }],
    ["TENSOR", Float32Array.of(1, 2, 3), { dtype: "float32", shape: { sizes: [-1] } }],
  ] satisfies [keyof typeof VariableType, unknown, Partial<VariableConstraints>][])(
    "can have the type %s",
    async (type, value, given) => {
      const constraints = { ...unconstrained, ...given };
      const request = { sessionId, name: "v", type: VariableType[type], ...packed(value), constraints };
      const { variable } = await bench.call("registerVariable", request);
      expect(variable).toMatchObject({ type: VariableType[type], constraints });
      expect(unpacked(variable!)).toEqual(value);
      expect(bench.operations.requests.at(-1)?.payload).toEqual({
        name: "v",
        type: type.toLowerCase(),
        value,
        constraints: "shape" in given ? { ...given, shape: [null] } : given,
        metadata: {},
      });
    },
  );

  it("are returned with their author and their previous value", async () => {
    await register("t", 1);
    const created = bench.operations.host.clock.now();
    bench.operations.host.clock.advance(1_000);
    const metadata = { "snakepit-client": "tuner" };
    await bench.call("setVariable", { sessionId, name: "t", value: json(2) }, { metadata });
    const { variable } = await bench.call("getVariable", { sessionId, name: "t", format: PayloadFormat.JSON });
    expect(unpacked(variable!)).toBe(2);
    const { previous, ...history } = variable!.history!;
    expect(history).toEqual({
      createdAtUnixMs: created,
      updatedAtUnixMs: created + 1_000,
      updatedBy: "client:tuner",
    });
    expect(previous).toMatchObject({ version: 1, updatedAtUnixMs: created, updatedBy: "client" });
    expect(unpacked(previous!)).toBe(1);
  });

  it("are read in one request, in the order of the names and without missing ones", async () => {
    await register("a", 1);
    await register(
      "b",
      Float64Array.from({ length: 10_000 }, (_, index) => index),
      VariableType.EMBEDDING,
    );
    const { variables } = await bench.call("getVariables", { sessionId, names: ["b", "gone", "a", "b"] });
    expect(variables.map(({ name }) => name)).toEqual(["b", "a"]);
    expect(variables[0]?.attachments).toHaveLength(1);
    expect(variables.map(unpacked)).toEqual([Float64Array.from({ length: 10_000 }, (_, index) => index), 1]);
  });

  it("are converted from arrays to lists in JSON", async () => {
    await register("b", Float32Array.of(0.5, 1), VariableType.EMBEDDING);
    const request = { sessionId, names: ["b"], format: PayloadFormat.JSON };
    const { variables } = await bench.call("getVariables", request);
    expect(variables.map(unpacked)).toEqual([[0.5, 1]]);
  });

  it("fail with the name of the variable that JSON cannot represent", async () => {
    await register("b", Number.NaN);
    const call = bench.call("getVariables", { sessionId, names: ["b"], format: PayloadFormat.JSON });
    expect((await failure(call)).details).toContain('variable "b" is NaN');
  });

  it("are rejected when their total size exceeds the limit", async () => {
    for (const name of ["a", "b", "c"]) await register(name, new Float64Array(BENCH_LIMIT / 20), VariableType.TENSOR);
    const error = await failure(bench.call("listVariables", { sessionId }));
    expect(error.metadata.get("snakepit-code")).toEqual(["PAYLOAD_TOO_LARGE"]);
    expect(error.details).toContain("request fewer values at once");
    expect((await bench.call("getVariables", { sessionId, names: ["a", "b"] })).variables).toHaveLength(2);
  });

  it("are set if the version is current", async () => {
    await register("t", 1);
    expect(await bench.call("setVariable", { sessionId, name: "t", value: json(2), version: 1 })).toEqual({
      version: 2,
    });
    const late = await failure(bench.call("setVariable", { sessionId, name: "t", value: json(3), version: 1 }));
    expect(late).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringContaining("version") });
    expect(errorInfoIn(late)).toEqual({
      reason: "INVALID_ARGUMENT",
      domain: "snakepit",
      metadata: { variable: "t", reason: "version", expected: "1", version: "2" },
    });
  });

  it("are set in one request, each with its own outcome", async () => {
    await register("a", 1);
    await register("b", 1);
    const writes = ["a", "gone", "b"].map((name) => ({ name, ...packed(5), version: undefined }));
    const { outcomes } = await bench.call("setVariables", { sessionId, writes });
    expect(outcomes.map(summary)).toEqual([
      ["a", expect.any(Number)],
      ["gone", "INVALID_ARGUMENT"],
      ["b", expect.any(Number)],
    ]);
    const failed = outcomes[1]?.outcome;
    expect(failed?.$case === "failure" && failed.value.details).toEqual({ variable: '"gone"', reason: '"unknown"' });
  });

  it("are set atomically", async () => {
    await register("a", 1);
    const writes = ["a", "gone"].map((name) => ({ name, ...packed(5), version: undefined }));
    const error = await failure(bench.call("setVariables", { sessionId, writes, atomic: true }));
    expect(errorInfoIn(error).metadata).toEqual({ variable: "gone", reason: "unknown" });
    const { variables } = await bench.call("getVariables", { sessionId, names: ["a"] });
    expect(variables.map(unpacked)).toEqual([1]);
  });

  function summary({ name, outcome }: VariableOutcome): [string, unknown] {
    return [name, outcome?.$case === "failure" ? outcome.value.code : outcome?.value];
  }

  it("are listed by pattern, with metadata, and deleted", async () => {
    for (const name of ["t.a", "t.b", "u"]) await register(name, 1);
    const names = async (pattern: string) =>
      (await bench.call("listVariables", { sessionId, pattern })).variables.map(({ name }) => name);
    expect(await names("t.*")).toEqual(["t.a", "t.b"]);
    expect(await names("")).toEqual(["t.a", "t.b", "u"]);
    const { deleted } = await bench.call("deleteVariables", { sessionId, names: ["u", "gone"] });
    expect(deleted).toEqual(["u"]);
    expect((await bench.call("listVariables", { sessionId })).variables[0]?.metadata).toEqual({});
  });

  it("are watched: the current values, then the changes", async () => {
    await register("a", 1);
    const watch = bench.stream("watchVariables", { sessionId, names: ["a", "later"], format: PayloadFormat.JSON });
    const changes = watch[Symbol.asyncIterator]() as AsyncIterator<WatchVariablesResponse>;
    const next = async () => {
      const { value } = await changes.next();
      if (value.deleted) return [value.name, "deleted", value.type];
      expect(value.type).toBe(VariableType.FLOAT);
      return [value.name, unpacked(value), value.version];
    };
    expect(await next()).toEqual(["a", 1, 1]);
    await register("unwatched", 1);
    await register("later", 3);
    expect(await next()).toEqual(["later", 3, expect.any(Number)]);
    await bench.call("setVariable", { sessionId, name: "a", value: json(2) });
    expect(await next()).toEqual(["a", 2, 2]);
    await bench.call("deleteVariables", { sessionId, names: ["a"] });
    expect(await next()).toEqual(["a", "deleted", VariableType.UNSPECIFIED]);
    watch.on("error", () => {});
    const { signal } = bench.operations.requests.find(({ method }) => method === "variables.watch")!.context;
    watch.cancel();
    if (!signal.aborted) await once(signal, "abort");
    await expect.poll(() => bench.operations.host.watches).toBe(0);
  });

  it("are watched by pattern, and all of them by default", async () => {
    await register("a", 1);
    for (const request of [{ pattern: "a*" }, {}]) {
      const watch = bench.stream("watchVariables", { sessionId, ...request });
      const [change] = (await once(watch, "data")) as [WatchVariablesResponse];
      expect(change.name).toBe("a");
      watch.on("error", () => {});
      watch.cancel();
    }
    const payloads = bench.operations.requests.flatMap(({ method, payload }) =>
      method === "variables.watch" ? [payload] : [],
    );
    expect(payloads).toEqual([
      { names: null, pattern: "a*" },
      { names: null, pattern: "*" },
    ]);
  });

  it("are not watched by both names and pattern, nor in a missing session", async () => {
    const ended = async (request: object) => {
      const watch = bench.stream("watchVariables", { sessionId, ...request });
      return (await once(watch, "data").catch((thrown: ServiceError) => thrown)) as ServiceError;
    };
    expect(await ended({ names: ["a"], pattern: "b" })).toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(await ended({ sessionId: "gone" })).toMatchObject({ code: status.NOT_FOUND });
  });

  it("are no longer watched when the host closes, without waiting for the grace period", async () => {
    await register("a", 1);
    const watch = bench.stream("watchVariables", { sessionId });
    await once(watch, "data");
    const ended = once(watch, "error");
    await bench.close({ graceMs: 3_600_000 });
    expect(await ended).toMatchObject([{ code: status.UNAVAILABLE, details: expect.stringContaining("closing") }]);
    expect(bench.operations.host.watches).toBe(0);
  });

  it.each([
    ["without a value", { name: "t", type: VariableType.FLOAT }, /value must be set/],
    ["without a type", { name: "t", value: json(1) }, /type must be a VariableType; got 0/],
    ["of an unknown type", { name: "t", value: json(1), type: 99 as never }, /type must be a VariableType; got 99/],
    [
      "with incomplete JSON",
      { name: "t", value: { ...json(1), body: Buffer.from("{") }, type: VariableType.FLOAT },
      /JSON/,
    ],
    [
      "in an unknown format",
      { name: "t", value: { ...json(1), format: 9 as never }, type: VariableType.FLOAT },
      /format of value must be .*; got 9/,
    ],
  ])("are not registered %s", async (_, request, message) => {
    const error = await failure(bench.call("registerVariable", { sessionId, ...request }));
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringMatching(message) });
  });

  it("are not read in an unknown format", async () => {
    const error = await failure(bench.call("getVariables", { sessionId, names: ["t"], format: 9 as never }));
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringContaining("got 9") });
  });

  it("fail with the error of an unavailable store", async () => {
    bench.operations.execute = () =>
      Promise.reject(new SnakepitError("REGISTRY_UNAVAILABLE", "the database is unavailable"));
    const error = await failure(bench.call("getVariable", { sessionId, name: "t" }));
    expect(error).toMatchObject({ code: status.UNAVAILABLE, details: "the database is unavailable" });
  });
});
