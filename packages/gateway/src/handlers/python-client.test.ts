import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { SnakepitError } from "@snakepit/core";
import { hostTool } from "@snakepit/sessions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BridgeBench } from "../testing/bridge-bench.ts";
import { makeCertificate } from "../testing/test-certificate.ts";

const run = promisify(execFile);
const script = (name: string) => new URL(`../testing/${name}.py`, import.meta.url).pathname;
const protos = new URL("../../../bridge-proto/proto", import.meta.url).pathname;
const token = "a token of more than 32 characters".replaceAll(" ", "-");

const python = process.env["SNAKEPIT_PYTHON"] ?? new URL("../../../../.venv/bin/python", import.meta.url).pathname;
const has = (modules: string) =>
  run(python, ["-c", `import ${modules}`]).then(
    () => true,
    () => false,
  );
const hasGrpc = await has("grpc, grpc_tools");
const hasReflection = await has("grpc_reflection, grpc_status");

describe("a client in Python", () => {
  let bench: BridgeBench;
  const waiting: AbortSignal[] = [];

  beforeEach(() => {
    bench = new BridgeBench();
    const { host, operations } = bench;
    const count = async function* ({ to }: Readonly<Record<string, unknown>>) {
      for (let i = 0; i < (to as number); i++) yield i;
    };
    host.add("add", ({ a, b }) => (a as number) + (b as number));
    host.add("count", count);
    host.add("fail", () => {
      throw new SnakepitError("PYTHON_EXCEPTION", "ValueError: bad");
    });
    host.add("wait", (_, { signal }) => once(signal, "abort"));
    const parameters = { type: "object", properties: { x: { type: "number" } } };
    operations.host.register([
      hostTool({ name: "twice", description: "", parameters, run: ({ x }) => (x as number) * 2 }),
      hostTool({ name: "count", description: "", run: count }),
      hostTool({ name: "waiting", description: "", run: () => waiting.length }),
      hostTool({
        name: "wait",
        description: "",
        run: (_, { signal }) => {
          waiting.push(signal);
          return once(signal, "abort");
        },
      }),
    ]);
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  // Both sides enforce the deadline; the client receives a code only when the status of the host arrives first.
  const code = expect.toBeOneOf([null, "DEADLINE_EXCEEDED"]);
  const late = { status: "DEADLINE_EXCEEDED", message: expect.any(String), code };

  const withinSession = (session: string) => ({
    tools: {
      pong: "hello",
      tools: ["add", "count", "fail", "wait"],
      total: 42,
      counted: [0, 1, 2],
      failure: { status: "UNKNOWN", message: "ValueError: bad", code: "PYTHON_EXCEPTION" },
      late,
    },
    session: {
      metadata: { user: "me", tags: ["a", 1] },
      expires_after_ms: 60_000,
      changed: { user: "you" },
      last_worker: "w1",
      listed: [session],
      active: 1,
    },
    variables: {
      registered: [2, expect.any(Number), 0.5],
      version_increase: 1,
      rejected: ["has version", "must be from 0 to 2"].map((part) => ({
        status: "INVALID_ARGUMENT",
        message: expect.stringContaining(part),
        code: "INVALID_ARGUMENT",
      })),
      batch: ["version", "failure"],
      previous: 1.5,
      values: { temperature: 2 },
      deleted: ["temperature"],
      seen: [0.5, 1.5, 2, "deleted"],
    },
    programs: {
      document: { prompt: "say" },
      version: expect.any(Number),
      here: ["qa"],
      global: ["everywhere"],
      executed: { command: "execute_program", args: { program_id: "qa", program_data: { prompt: "sing" } } },
      deleted: true,
    },
    host_tools: {
      tools: {
        twice: { type: "object", properties: { x: { type: "number" } } },
        count: null,
        wait: null,
        waiting: null,
      },
      twice: 42,
      counted: [0, 1, 2],
      late,
      cancelled: true,
    },
    end: {
      closed: true,
      gone: { status: "NOT_FOUND", message: expect.stringContaining(`"${session}"`), code: "UNKNOWN_SESSION" },
    },
  });

  const everything = { json: withinSession("session-json"), messagepack: withinSession("session-messagepack") };

  async function client(where: object): Promise<unknown> {
    const { stdout } = await run(python, [script("bridge_client"), JSON.stringify({ protos, ...where })]);
    // The host aborts calls that the client cancelled or whose deadline passed.
    for (const signal of waiting.splice(0)) if (!signal.aborted) await once(signal, "abort");
    await expect.poll(() => bench.operations.host.watches).toBe(0);
    return JSON.parse(stdout);
  }

  it.skipIf(!hasGrpc)("needs only gRPC and the .proto files", async () => {
    await bench.serve();
    expect(await client({ target: bench.address })).toEqual(everything);
  });

  it.skipIf(!hasGrpc)("connects over TCP with TLS and the token, and is rejected without them", async () => {
    const { cert, key } = makeCertificate("bridge", { hosts: ["localhost"] });
    await bench.serve({ host: "localhost", port: 0, token, tls: { cert, key } });
    const code = "UNAUTHENTICATED";
    const rejection = (message: RegExp) => {
      const rejected = { status: code, code, message: expect.stringMatching(message) };
      return { calls: [rejected, rejected] };
    };
    expect(await client({ target: bench.address, token, ca: cert })).toEqual({
      ...everything,
      without_token: rejection(/must have a token/),
      wrong_token: rejection(/token is invalid/),
    });
  });

  it.skipIf(!hasReflection)("discovers methods by reflection, and calls them without generated code", async () => {
    await bench.serve({ port: 0, token });
    const { stdout } = await run(python, [
      script("reflection_client"),
      JSON.stringify({ target: bench.address, token }),
    ]);
    const services = ["grpc.health.v1.Health", "snakepit.bridge.v1.BridgeService"];
    expect(JSON.parse(stdout)).toEqual({
      services: { v1: services, v1alpha: services },
      methods: expect.arrayContaining(["ExecuteTool", "Ping", "WatchVariables"]),
      streams: ["ExecuteStreamingHostTool", "ExecuteStreamingTool", "OfferTools", "WatchVariables"],
      fields: expect.arrayContaining(["id", "metadata", "expires_at_unix_ms", "last_worker"]),
      optional: ["metadata", "expires_at_unix_ms", "ttl_ms", "last_worker"],
      comment: expect.stringContaining("The API of a host for gRPC clients in any language."),
      pong: "hello",
      session: expect.objectContaining({ id: "s1", metadata: { user: "me" }, version: "1" }),
      failure: {
        code: 5,
        message: expect.stringContaining('"gone"'),
        is_info: [false, true],
        reason: "UNKNOWN_SESSION",
        domain: "snakepit",
        metadata: { sessionId: "gone" },
        others: ["type.googleapis.com/snakepit.bridge.v1.Failure"],
      },
      long_failure: expect.objectContaining({
        code: 5,
        reason: "UNKNOWN_TOOL",
        metadata: expect.not.objectContaining({ tool: expect.anything() }),
      }),
    });
  });
});
