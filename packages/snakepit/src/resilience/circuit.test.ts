import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  type Instrumentation,
  noInstrumentation,
  type ResolvedCircuit,
  SnakepitError,
  type SnakepitEvents,
  type ToolDescriptor,
} from "@snakepit/core";
import type { PoolCall } from "@snakepit/pool";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Snakepit } from "../index.ts";
import { answering, commonOptions, failure, fakeWorkers } from "../testing/host-under-test.ts";
import { type CircuitGate, createCircuits } from "./circuit.ts";

const SETTINGS: ResolvedCircuit = {
  failureRate: 0.5,
  minCalls: 4,
  windowMs: 10_000,
  openMs: 1_000,
  probes: 1,
  exceptions: false,
  scope: "pool",
};
const TOOLS: readonly ToolDescriptor[] = ["add", "other"].map((name) => ({
  name,
  description: "",
  parameters: [],
  streaming: false,
}));

/** A circuit and its events. */
function circuitUnderTest(settings: Partial<ResolvedCircuit> = {}) {
  const events: string[] = [];
  const opened: SnakepitEvents["circuit.opened"][] = [];
  const instrumentation: Instrumentation = {
    ...noInstrumentation,
    emit: (name, event) => {
      events.push(name);
      if (name === "circuit.opened") opened.push(event as SnakepitEvents["circuit.opened"]);
    },
  };
  const circuit = createCircuits("ml", { ...SETTINGS, ...settings }, instrumentation, () => TOOLS);
  return { circuit, events, opened };
}

function callOf(tool = "add"): PoolCall {
  const args = { body: new Uint8Array(), buffers: [], byteLength: 0 };
  return { tool, args, deadline: Number.POSITIVE_INFINITY, correlationId: "c-1" };
}

const succeed = (circuit: CircuitGate, tool?: string) => circuit.execute(callOf(tool), async () => "value");
const fail = async (circuit: CircuitGate, code: SnakepitError["code"] = "WORKER_CRASHED", tool?: string) =>
  await failure(
    circuit.execute(callOf(tool), async () => {
      throw new SnakepitError(code, "the cause");
    }),
  );

async function times(count: number, action: () => Promise<unknown>): Promise<void> {
  for (let round = 0; round < count; round++) await action();
}

describe("a circuit", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("opens at the rate of failures, and rejects calls without making them", async () => {
    const { circuit, events, opened } = circuitUnderTest();
    await times(2, () => succeed(circuit));
    await fail(circuit);
    expect(events).toEqual([]);
    expect(await fail(circuit)).toMatchObject({ code: "WORKER_CRASHED", message: "the cause" });
    expect(events).toEqual(["circuit.opened"]);
    expect(opened).toMatchObject([
      { pool: "ml", calls: 4, failures: 2, openMs: 1_000, error: { message: "the cause" } },
    ]);
    vi.advanceTimersByTime(400);
    const made = vi.fn(async () => "value");
    const error = await failure(circuit.execute(callOf(), made));
    expect(error).toMatchObject({
      code: "CIRCUIT_OPEN",
      retryable: true,
      pool: "ml",
      callId: "c-1",
      details: { retryAfterMs: 600 },
    });
    expect(error.message).toContain("the circuit of the pool is open because too many calls failed; retry in 600 ms");
    expect(made).not.toHaveBeenCalled();
  });

  test("stays closed with too few calls, and below the rate", async () => {
    const { circuit, events } = circuitUnderTest();
    await times(3, () => fail(circuit));
    expect(events).toEqual([]);
    const other = circuitUnderTest();
    await times(6, () => succeed(other.circuit));
    await times(5, () => fail(other.circuit));
    expect(other.events).toEqual([]);
  });

  test("counts only calls within the window, also after a pause", async () => {
    const { circuit, events } = circuitUnderTest();
    await times(3, () => fail(circuit));
    vi.advanceTimersByTime(10_000);
    await times(3, () => fail(circuit));
    expect(events).toEqual([]);
    vi.advanceTimersByTime(5_000);
    await fail(circuit);
    expect(events).toEqual(["circuit.opened"]);
  });

  test("closes when its probe succeeds, and then forgets the failures", async () => {
    const { circuit, events } = circuitUnderTest();
    await times(4, () => fail(circuit));
    vi.advanceTimersByTime(1_000);
    expect(await succeed(circuit)).toBe("value");
    expect(events).toEqual(["circuit.opened", "circuit.half-open", "circuit.closed"]);
    await times(3, () => fail(circuit));
    expect(events).toHaveLength(3);
  });

  test.each(["WORKER_HUNG", "CANCELLED"] as const)("opens again when its probe ends with %s", async (code) => {
    const { circuit, events } = circuitUnderTest();
    await times(4, () => fail(circuit));
    vi.advanceTimersByTime(1_000);
    expect((await fail(circuit, code)).code).toBe(code);
    expect(events).toEqual(["circuit.opened", "circuit.half-open", "circuit.opened"]);
    expect((await fail(circuit)).code).toBe("CIRCUIT_OPEN");
  });

  test("rejects further calls while its probes run, and closes when all of them succeed", async () => {
    const { circuit, events } = circuitUnderTest({ probes: 2 });
    await times(4, () => fail(circuit));
    vi.advanceTimersByTime(1_000);
    const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()] as const;
    const probes = gates.map(({ promise }) => circuit.execute(callOf(), () => promise));
    expect(await fail(circuit)).toMatchObject({ code: "CIRCUIT_OPEN", details: { retryAfterMs: 1_000 } });
    gates[0].resolve("first");
    expect(await probes[0]).toBe("first");
    expect(events.at(-1)).toBe("circuit.half-open");
    expect((await fail(circuit)).code).toBe("CIRCUIT_OPEN");
    gates[1].resolve("second");
    expect(await probes[1]).toBe("second");
    expect(events.at(-1)).toBe("circuit.closed");
  });

  test.each([
    ["WORKER_CRASHED", true],
    ["WORKER_HUNG", true],
    ["OUT_OF_MEMORY", true],
    ["QUEUE_TIMEOUT", true],
    ["DEADLINE_EXCEEDED", true],
    ["POOL_NOT_READY", true],
    ["POOL_SATURATED", false],
    ["POISON_CALL", false],
    ["PYTHON_EXCEPTION", false],
    ["CANCELLED", false],
    ["INVALID_ARGUMENT", false],
  ] as const)("opens by %s: %s", async (code, opens) => {
    const { circuit, events } = circuitUnderTest();
    await times(4, () => fail(circuit, code));
    expect(events).toEqual(opens ? ["circuit.opened"] : []);
  });

  test("counts exceptions of tools with the option, and otherwise as answers", async () => {
    const strict = circuitUnderTest({ exceptions: true });
    await times(4, () => fail(strict.circuit, "PYTHON_EXCEPTION"));
    expect(strict.events).toEqual(["circuit.opened"]);
    const { circuit, events } = circuitUnderTest();
    await times(5, () => fail(circuit, "PYTHON_EXCEPTION"));
    await times(4, () => fail(circuit));
    expect(events).toEqual([]);
    await fail(circuit);
    expect(events).toEqual(["circuit.opened"]);
  });

  test("of a tool leaves the other tools alone", async () => {
    const { circuit, opened } = circuitUnderTest({ scope: "tool" });
    await times(4, () => fail(circuit, "WORKER_CRASHED", "add"));
    expect(opened).toMatchObject([{ pool: "ml", tool: "add" }]);
    const error = await fail(circuit, "WORKER_CRASHED", "add");
    expect(error.message).toContain("the circuit of the tool is open");
    expect(await succeed(circuit, "other")).toBe("value");
    // A name that is not a tool has no circuit.
    await times(8, () => fail(circuit, "WORKER_CRASHED", "unknown"));
    expect(opened).toHaveLength(1);
  });
});

describe("the circuit of a pool", () => {
  const common = commonOptions();
  const crash = new SnakepitError("WORKER_CRASHED", "it died");

  test("rejects calls, calls of map() and streams while it is open; another pool is not affected", async () => {
    let made = 0;
    const worker = fakeWorkers(
      answering((call) => {
        made += 1;
        call.fail(crash);
      }),
    );
    const circuit = { minCalls: 3, openMs: "1h" } as const;
    const healthy = fakeWorkers();
    await using pit = await Snakepit.start({
      ...common(),
      pools: { default: { worker, size: 1, circuit }, healthy: { worker: healthy, size: 1, circuit: {} } },
    });
    const events: string[] = [];
    pit.on("circuit.opened", ({ pool }) => events.push(pool));
    await failure(pit.stream("count").next());
    await times(2, () => failure(pit.execute("add")));
    expect(events).toEqual(["default"]);
    const rejected = { code: "CIRCUIT_OPEN", details: { retryAfterMs: expect.any(Number) } };
    const error = await failure(pit.execute("add", {}, { idempotent: true }));
    expect(error).toMatchObject(rejected);
    expect(error.stack).toContain("circuit.test.ts");
    expect(await failure(Promise.resolve(pit.map("add", [{}])))).toMatchObject(rejected);
    const stream = pit.stream("count");
    expect(await failure(stream.next())).toMatchObject(rejected);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(made).toBe(3);
    expect(await pit.execute("add", {}, { pool: "healthy" })).toBe("add");
    expect(pit.stats("default")).toMatchObject({ active: 0, queued: 0 });
  });

  test("lets a stream pass with all its chunks, and one that is left early", async () => {
    const worker = fakeWorkers(
      answering((call) => {
        for (const chunk of [1, 2, 3]) call.chunk(chunk);
        call.end();
      }),
    );
    await using pit = await Snakepit.start({ ...common(), worker, size: 1, circuit: {} });
    const stream = pit.stream("count");
    // Requests that are made together are answered in order.
    const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
    expect(results.map(({ value }) => value)).toEqual([1, 2, 3, undefined]);
    for await (const chunk of pit.stream("count")) if (chunk === 2) break;
    await using unread = pit.stream("count");
    expect(unread[Symbol.asyncIterator]()).toBe(unread);
  });

  test("is the only reason to load the library of circuit breakers", async () => {
    const program = new URL("../testing/circuit-imports.ts", import.meta.url).pathname;
    const args = ["--conditions=source", program, common().registry.path];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(JSON.parse(stdout)).toEqual({ before: false, after: true });
  });

  test.each([
    [{ circuit: 5 }, "circuit must be an object; got 5"],
    [{ circuit: { failureRate: 1.5 } }, "circuit.failureRate must be a number from 0 to 1; got 1.5"],
    [{ circuit: { minCalls: 0 } }, "circuit.minCalls must be an integer from 1 to 1000000; got 0"],
    [{ circuit: { scope: "host" } }, 'circuit.scope must be "pool" or "tool"; got "host"'],
    [{ circuit: { rate: 1 } }, "circuit.rate is not an option"],
  ])("is rejected as %j", async (config, message) => {
    const error = await failure(Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1, ...config } as never));
    expect(error.code).toBe("INVALID_CONFIG");
    expect(error.message).toContain(message);
  });

  test("is undefined in the configuration without the option, and has every default with an empty object", async () => {
    await using without = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1 });
    expect(without.config.pools["default"]?.circuit).toBeUndefined();
    await using pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1, circuit: {} });
    expect(pit.config.pools["default"]?.circuit).toEqual({
      failureRate: 0.5,
      minCalls: 10,
      windowMs: 30_000,
      openMs: 10_000,
      probes: 1,
      exceptions: false,
      scope: "pool",
    });
  });
});
