import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SessionDirectory } from "../sessions/session-directory.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { WriteTurns } from "../updates/write-turns.ts";
import { Operations } from "./operations.ts";
import { sessionAdministration } from "./session-handlers.ts";

let sessions: SessionDirectory;
let operations: Operations<"session.update">;

beforeEach(async () => {
  const limits = { ttlMs: 1_000, maxSessions: 10, maxStaleMs: 1_000, sweepIntervalMs: Number.POSITIVE_INFINITY };
  const options = { ...limits, turns: new WriteTurns() };
  const listener = { created: () => {}, ended: () => {}, lastWorkerOf: () => undefined, storeFailed: () => {} };
  sessions = new SessionDirectory(new MemoryStore(), new FakeClock(), options, listener);
  operations = new Operations(sessions, sessionAdministration(sessions));
  await sessions.open("s", { metadata: { a: 1 } });
});
afterEach(() => sessions.close());

function update(payload: unknown): Promise<unknown> {
  const context = {
    sessionId: "s",
    author: "client:c",
    correlationId: "c-1",
    deadline: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
  };
  return operations.execute("session.update", payload, context);
}

test("an update replaces the metadata", async () => {
  expect(await update({ metadata: { b: 2 } })).toMatchObject({ metadata: { b: 2 }, version: 2 });
  expect(await update({ metadata: {}, version: 2 })).toMatchObject({ metadata: {}, version: 3 });
});

test.each([
  ["nothing", undefined, "metadata is missing"],
  ["no metadata", { version: 1 }, "metadata is missing"],
  ["null", { metadata: null }, "metadata must be an object; got null"],
  ["a string", { metadata: "a" }, "metadata must be an object"],
])("an update with %s is rejected and changes nothing", async (_, payload, message) => {
  await expect(update(payload)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining(message),
  });
  expect((await sessions.get("s")).metadata).toEqual({ a: 1 });
});
