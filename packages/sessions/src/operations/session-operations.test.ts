import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SessionDirectory } from "../sessions/session-directory.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { Operations } from "./operations.ts";
import { sessionOperations } from "./session-operations.ts";

let sessions: SessionDirectory;
let operations: Operations;

beforeEach(async () => {
  const options = { ttlMs: 1_000, maxSessions: 10, maxStaleMs: 1_000, sweepIntervalMs: Number.POSITIVE_INFINITY };
  const listener = { created: () => {}, ended: () => {}, lastWorkerOf: () => undefined, storeFailed: () => {} };
  sessions = new SessionDirectory(new MemoryStore(), new FakeClock(), options, listener);
  operations = new Operations([sessionOperations(sessions)], []);
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
  return operations.operate("session.update", payload, context);
}

test("an update puts metadata in place of what was there", async () => {
  expect(await update({ metadata: { b: 2 } })).toMatchObject({ metadata: { b: 2 }, version: 2 });
  expect(await update({ metadata: {}, version: 2 })).toMatchObject({ metadata: {}, version: 3 });
});

test.each([
  ["nothing", undefined, "session.update lacks metadata, a map"],
  ["no metadata", { version: 1 }, "session.update lacks metadata, a map"],
  ["null", { metadata: null }, "session.update takes a map as metadata, not null"],
  ["a text", { metadata: "a" }, /^session\.update takes a map as metadata, not /],
])("an update with %s is refused, and takes nothing away", async (_, payload, message) => {
  await expect(update(payload)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: typeof message === "string" ? message : expect.stringMatching(message),
  });
  expect((await sessions.get("s")).metadata).toEqual({ a: 1 });
});
