import { type OperationRequests, resolveConfig, type WorkerRequest } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import { python } from "@snakepit/python-bridge";
import { hostTool, MemoryStore, workerOperations } from "@snakepit/sessions";
import { createTelemetry } from "@snakepit/telemetry";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostState, hostOperations } from "./host-state.ts";
import { WorkerRequests } from "./worker-requests.ts";

let clock: FakeClock;
let state: HostState;
let requests: WorkerRequests;

beforeEach(async () => {
  const config = resolveConfig({ worker: python("./tools.py"), logger: false });
  const opened = { store: new MemoryStore(), isOurs: true };
  const { sessions, maxPayloadBytes } = config;
  clock = new FakeClock();
  const telemetry = createTelemetry(config);
  state = new HostState({ opened, config: sessions, maxPayloadBytes, telemetry, pools: [], clock });
  requests = new WorkerRequests(workerOperations(state), maxPayloadBytes);
  await state.sessions.open("s");
});
afterEach(() => state.close());

/** A request as a connection of a worker creates it: with a signal that is created on the first read. */
function request(method: string, payload?: unknown, sessionId: string | undefined = "s") {
  let signals = 0;
  const lineage = { correlationId: "c-1", pool: "default", tool: "t", parent: undefined };
  const workerRequest: WorkerRequest = {
    method,
    payload,
    pool: "default",
    workerId: "default-1",
    call: {
      tool: "t",
      correlationId: "c-1",
      sessionId,
      sessionGeneration: state.sessions.generationOf(sessionId),
      traceparent: undefined,
      lineage,
    },
    deadline: Number.POSITIVE_INFINITY,
    get signal() {
      signals += 1;
      return new AbortController().signal;
    },
  };
  return { workerRequest, signals: () => signals };
}

test.each([
  "session.open",
  "session.close",
  "session.list",
  "session.stats",
  "session.update",
  "programs.execute",
  "tools",
  "xvariables.get",
  "",
])("a worker cannot request %j", async (method) => {
  const { workerRequest } = request(method, { id: "s", command: "x" });
  await expect(requests.handle(workerRequest)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", details: { method } });
  await expect(requests.stream(workerRequest)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    details: { method },
  });
  expect(await state.sessions.exists("s")).toBe(true);
});

test("a worker can use only the session of its call, even when it names another one", async () => {
  await state.sessions.open("other");
  await requests.handle(
    request("programs.store", { id: "p", document: 1, session_id: "other", sessionId: "other" }).workerRequest,
  );
  expect(await state.programs("s", "host").find("p")).toBe(1);
  expect(await state.programs("other", "host").find("p")).toBeUndefined();
  const without = { ...request("variables.list").workerRequest, call: undefined };
  await expect(requests.handle(without)).rejects.toMatchObject({ code: "UNKNOWN_SESSION" });
});

test("a request creates its signal when the signal is first read", async () => {
  const get = request("variables.get", { names: ["n"] });
  await requests.handle(get.workerRequest);
  expect(get.signals()).toBe(0);
});

const REQUESTS = {
  "session.get": {},
  "variables.list": {},
  "programs.list": {},
  "tools.list": {},
  "tools.call": { tool: "now" },
} as const satisfies Partial<OperationRequests>;
const STREAMS = {
  "variables.watch": { names: ["n"] },
  "variables.reserve": { name: "n", conflicts: 1 },
  "programs.reserve": { id: "p", conflicts: 1 },
  "tools.stream": { tool: "count" },
} as const satisfies Partial<OperationRequests>;

type Method = keyof typeof REQUESTS | keyof typeof STREAMS;

function isStream(method: Method): method is keyof typeof STREAMS {
  return method in STREAMS;
}

describe("a request that a call makes", () => {
  beforeEach(async () => {
    state.hostTools.register([
      hostTool({ name: "now", description: "The time.", run: () => clock.now() }),
      hostTool({
        name: "count",
        description: "Counts.",
        async *run() {
          yield 1;
        },
      }),
    ]);
    await state.variables("s", "host").register("n", { type: "integer", value: 1 });
    await state.programs("s", "host").store("p", {});
    clock.advance(1_000);
  });

  /** Makes a request; resolves with the first value of a stream. */
  async function ask(method: Method, caller: "a worker" | "a client"): Promise<void> {
    const { workerRequest } = request(method, { ...REQUESTS, ...STREAMS }[method]);
    const { deadline, signal } = workerRequest;
    const context = { sessionId: "s", author: "client:c", correlationId: "c-2", deadline, signal };
    const clients = hostOperations(state, () => Promise.reject(new Error("no tool is executed")));
    if (isStream(method)) {
      const stream =
        caller === "a worker" ? requests.stream(workerRequest) : clients.stream(method, STREAMS[method], context);
      for await (const _ of stream) break;
    } else {
      await (caller === "a worker"
        ? requests.handle(workerRequest)
        : clients.execute(method, REQUESTS[method], context));
    }
  }

  const METHODS = [...Object.keys(REQUESTS), ...Object.keys(STREAMS)] as Method[];

  test.each(METHODS.flatMap((method) => [[method, "a worker"] as const, [method, "a client"] as const]))(
    "%s counts as use of the session when %s calls it",
    async (method, caller) => {
      await ask(method, caller);
      expect(await state.sessions.list()).toMatchObject([{ id: "s", usedAt: clock.now() }]);
    },
  );

  test.each(METHODS)("does not reach a later session with the same id: %s", async (method) => {
    const { workerRequest } = request(method, { ...REQUESTS, ...STREAMS }[method]);
    await state.sessions.delete("s");
    const { usedAt } = await state.sessions.open("s");
    clock.advance(1);
    const response =
      method in STREAMS
        ? requests.stream(workerRequest)[Symbol.asyncIterator]().next()
        : requests.handle(workerRequest);
    await expect(response).rejects.toMatchObject({
      code: "UNKNOWN_SESSION",
      message: expect.stringMatching(/session "s" .*has ended/),
    });
    expect(await state.sessions.list()).toMatchObject([{ id: "s", usedAt }]);
  });

  test("fails with SESSION_EXPIRED when the session has expired", async () => {
    const { workerRequest } = request("tools.call", { tool: "now" });
    clock.advance(3_600_000);
    await expect(requests.handle(workerRequest)).rejects.toMatchObject({ code: "SESSION_EXPIRED" });
  });
});
