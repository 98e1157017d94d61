import { resolveConfig, type WorkerRequest } from "@snakepit/core";
import { python } from "@snakepit/python-bridge";
import { MemoryStore } from "@snakepit/sessions";
import { createTelemetry } from "@snakepit/telemetry";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HostState } from "./host-state.ts";
import { WorkerRequests } from "./worker-requests.ts";

let state: HostState;
let requests: WorkerRequests;

beforeEach(async () => {
  const config = resolveConfig({ worker: python("./tools.py"), logger: false });
  const opened = { store: new MemoryStore(), isOurs: true };
  const { sessions, maxPayloadBytes } = config;
  state = new HostState({ opened, config: sessions, maxPayloadBytes, telemetry: createTelemetry(config) });
  requests = new WorkerRequests(Promise.resolve(state), maxPayloadBytes);
  await state.sessions.open("s");
});
afterEach(() => state.close());

/** A request as a worker's link makes it, which makes a signal when somebody looks at it. */
function request(method: string, payload?: unknown, sessionId: string | undefined = "s") {
  let signals = 0;
  const lineage = { correlationId: "c-1", pool: "default", tool: "t", parent: undefined };
  const made: WorkerRequest = {
    method,
    payload,
    pool: "default",
    workerId: "default-1",
    call: { tool: "t", correlationId: "c-1", sessionId, traceparent: undefined, lineage },
    deadline: Number.POSITIVE_INFINITY,
    get signal() {
      signals += 1;
      return new AbortController().signal;
    },
  };
  return { made, signals: () => signals };
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
])("a worker cannot ask for %j", async (method) => {
  const { made } = request(method, { id: "s", command: "x" });
  await expect(requests.handle(made)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", details: { method } });
  await expect(requests.stream(made)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ details: { method } });
  expect(await state.sessions.exists("s")).toBe(true);
});

test("a worker reaches the session of its call, whatever it names", async () => {
  await state.sessions.open("other");
  await requests.handle(
    request("programs.store", { id: "p", document: 1, session_id: "other", sessionId: "other" }).made,
  );
  expect(await state.programs("s", "host").find("p")).toBe(1);
  expect(await state.programs("other", "host").find("p")).toBeUndefined();
  const without = { ...request("variables.list").made, call: undefined };
  await expect(requests.handle(without)).rejects.toMatchObject({ code: "UNKNOWN_SESSION" });
});

test("a request gets a signal when something is to end with it, and pays for none before", async () => {
  const get = request("variables.get", { names: ["n"] });
  await requests.handle(get.made);
  expect(get.signals()).toBe(0);
});
