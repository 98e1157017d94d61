import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Decimal, ndarray, Uuid } from "@snakepit/bridge-proto";
import { findInterpreter } from "@snakepit/python-bridge";
import { setUpOtelSdk } from "@snakepit/telemetry/testing/otel-sdk";
import { recordingLogger } from "@snakepit/telemetry/testing/recording-logger";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, Snakepit, type SnakepitConfig } from "./index.ts";
import { PACKAGE_VERSION } from "./package-version.ts";
import { LONG_TIME_LIMITS } from "./testing/host-under-test.ts";
import { processesWith, until } from "./testing/processes.ts";
import { TEST_REGISTRIES, type TestRegistry } from "./testing/registries.ts";

const TOOLS = new URL("./testing/context_tools.py", import.meta.url);

interface Context {
  readonly correlation: string;
  readonly session: string | null;
  readonly traceparent: string | null;
  readonly metadata: Record<string, string>;
  readonly remaining: number;
}

let directory: string;
let registry: TestRegistry;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-python-"));
  registry = (await TEST_REGISTRIES["SQLite"]?.(directory)) as TestRegistry;
});
afterAll(() => rmSync(directory, { recursive: true }));

function start(options: Partial<SnakepitConfig> = {}): Promise<Snakepit> {
  return Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 1,
    registry: registry.location,
    logger: false,
    ...options,
  });
}

describe.each(["socket", "grpc"] as const)("workers on %s", (transport) => {
  let pit: Snakepit;
  beforeAll(async () => {
    pit = await start({ worker: python(TOOLS, { transport }) });
  });
  afterAll(() => pit.close());

  test("values are sent in both directions", async () => {
    const value = {
      text: "grüße",
      big: 2n ** 80n,
      nan: Number.NaN,
      bytes: new Uint8Array([1, 2, 3]),
      date: new Date("2026-01-02T03:04:05.678Z"),
      set: new Set(["a", "b"]),
      id: new Uuid("12345678-1234-5678-1234-567812345678"),
      price: new Decimal("12.50"),
      nested: [{ deep: [null, true, -1] }],
    };
    const back = await pit.execute<typeof value>("echo", { value });
    expect(back).toEqual(value);
    expect([String(back.id), String(back.price)]).toEqual([String(value.id), "12.50"]);
  });

  test("a large array keeps its shape", async () => {
    const value = ndarray(
      new Float64Array(200_000).map((_, index) => index / 3),
      [400, 500],
    );
    const back = await pit.execute<typeof value>("echo", { value });
    expect(back.shape).toEqual([400, 500]);
    expect(Buffer.from(back.buffer, back.byteOffset, back.byteLength).equals(Buffer.from(value.buffer))).toBe(true);
  });

  test("chunks arrive in order", async () => {
    const chunks: number[] = [];
    for await (const chunk of pit.stream<number>("numbers", { to: 1_000 })) chunks.push(chunk);
    expect(chunks).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });

  test("call options are available to the tool", async () => {
    const options = { sessionId: "s-1", metadata: { tenant: "acme" }, timeoutMs: "90s" } as const;
    await pit.session("s-1");
    const context = await pit.execute<Context>("context", {}, options);
    expect(context).toMatchObject({ session: "s-1", metadata: { tenant: "acme" }, traceparent: null });
    expect(context.remaining).toBeGreaterThan(1);
    expect(context.remaining).toBeLessThanOrEqual(90);
  });
});

test.each(["socket", "grpc"] as const)("the first call of a worker on %s may be large", async (transport) => {
  await using pit = await start({ worker: python(TOOLS, { transport }) });
  const value = new Uint8Array(1_000_000).fill(7);
  const back = await pit.execute<Uint8Array>("echo", { value });
  expect(back.byteLength).toBe(value.byteLength);
});

test("workers have the environment of their pool, and numeric libraries use one thread", async () => {
  await using pit = await start({ env: { MODEL_DIR: "/models", HOME: undefined } });
  const variable = (name: string) => pit.execute("variable", { name });
  expect(await variable("MODEL_DIR")).toBe("/models");
  expect(await variable("HOME")).toBeNull();
  expect(await variable("OMP_NUM_THREADS")).toBe(process.env["OMP_NUM_THREADS"] ?? "1");
  expect(await variable("SNAKEPIT_RUN_ID")).toBe(pit.runId);
});

test("the tool has the trace context of the call's span, and the call has the ID of the span", async () => {
  await using sdk = setUpOtelSdk();
  await using pit = await start();
  const context = await pit.execute<Context>("context");
  const span = sdk.spans().find(({ name }) => name === "snakepit.execute context");
  expect(context.traceparent).toBe(`00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`);
  expect(span?.attributes["snakepit.call.id"]).toBe(context.correlation);
  expect(span?.attributes["snakepit.worker.id"]).toBe(pit.workers()[0]?.id);
});

test("Python output and logs are sent to the logger, with worker and call, without secrets", async () => {
  const logger = recordingLogger();
  await using pit = await start({ logger });
  await pit.execute("talk", { message: "password=hunter2" });
  const records = () => logger.records.filter(({ facts }) => "source" in facts);
  await until("both records are there", () => records().length === 2);
  const [worker] = pit.workers();
  const from = { pool: "default", workerId: worker?.id, callId: expect.stringMatching(/./) };
  expect(records()).toEqual([
    { level: "info", message: "password=***", facts: { ...from, source: "stdout" } },
    { level: "warn", message: "logged password=***", facts: { ...from, source: "logging", logger: "app.talk" } },
  ]);
});

test("a client in another language can call the tools over gRPC until the host closes", async () => {
  const socketPath = join(directory, "tools.sock");
  const pit = await start();
  try {
    const server = await pit.serve({ socketPath });
    const { path: interpreter } = await findInterpreter({ cwd: import.meta.dirname, env: process.env });
    const client = new URL("./testing/grpc_echo.py", import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(interpreter, [client, server.address]);
    expect(JSON.parse(stdout)).toEqual({
      host: [pit.runId, PACKAGE_VERSION],
      tools: pit.tools().map(({ name }) => name),
      answer: 42,
    });
  } finally {
    await pit.close();
  }
  expect(existsSync(socketPath)).toBe(false);
  await expect(pit.serve({ socketPath })).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
});

test("close() leaves no process, row or listener", async () => {
  const pit = await start({ size: 2 });
  await pit.ready();
  expect(processesWith("SNAKEPIT_RUN_ID", pit.runId).length).toBeGreaterThanOrEqual(2);
  expect((await registry.pids()).length).toBeGreaterThanOrEqual(2);
  await pit.close();
  expect(processesWith("SNAKEPIT_RUN_ID", pit.runId)).toEqual([]);
  expect(await registry.pids()).toEqual([]);
  expect(await registry.hosts()).toBe(0);
});

test("a failed start leaves no process and no row", async () => {
  const bad = new URL("./testing/no_such_module.py", import.meta.url);
  const pools = { good: { worker: python(TOOLS) }, bad: { worker: python(bad) } };
  const failed = Snakepit.start({ pools, registry: registry.location, logger: false });
  await expect(failed).rejects.toThrow("no_such_module.py");
  expect(await registry.pids()).toEqual([]);
  expect(await registry.hosts()).toBe(0);
});
