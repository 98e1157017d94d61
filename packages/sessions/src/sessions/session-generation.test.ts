import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ControlledStore } from "../testing/controlled-store.ts";
import { WriteTurns } from "../updates/write-turns.ts";
import { SessionDirectory } from "./session-directory.ts";

const NEVER = Number.POSITIVE_INFINITY;
const DRAFT = { id: "a", metadata: {}, ttlMs: 1_000 };

let clock: FakeClock;
let store: ControlledStore;
let sessions: SessionDirectory;

beforeEach(() => {
  clock = new FakeClock();
  store = new ControlledStore();
  const options = { ttlMs: 1_000, maxSessions: 10, maxStaleMs: 2_000, sweepIntervalMs: NEVER, turns: new WriteTurns() };
  const listener = { created: () => {}, ended: () => {}, lastWorkerOf: () => undefined, storeFailed: () => {} };
  sessions = new SessionDirectory(store, clock, options, listener);
});
afterEach(() => sessions.close());

/** The outcome of a use of one generation of session `a`. */
async function use(generation: number): Promise<unknown> {
  try {
    return await sessions.use("a", generation);
  } catch (thrown) {
    return thrown;
  }
}

test("a session keeps its generation when it is opened and used again", async () => {
  await sessions.open("a");
  const generation = sessions.generationOf("a");
  expect(generation).toBeGreaterThan(0);
  await sessions.open("a");
  await sessions.get("a");
  expect(sessions.generationOf("a")).toBe(generation);
  expect(sessions.use("a", generation)).toBeUndefined();
});

test("a closed session has no generation, and the next one with its ID has another, even in the same millisecond", async () => {
  await sessions.open("a");
  const generation = sessions.generationOf("a");
  await sessions.delete("a");
  expect(sessions.generationOf("a")).toBe(0);
  expect(await use(generation)).toMatchObject({ code: "UNKNOWN_SESSION" });
  await sessions.open("a");
  expect(sessions.generationOf("a")).not.toBe(generation);
  expect(await use(generation)).toMatchObject({
    code: "UNKNOWN_SESSION",
    message: expect.stringMatching(/of this call has ended, and another session has its ID/),
    details: { sessionId: "a" },
  });
  expect(await use(0)).toMatchObject({ code: "UNKNOWN_SESSION" });
  expect(await use(sessions.generationOf("a"))).toBeUndefined();
});

test("a session that has expired has no generation, and is not revived by a use of it", async () => {
  await sessions.open("a");
  const generation = sessions.generationOf("a");
  clock.advance(1_000);
  expect(await use(generation)).toMatchObject({ code: "SESSION_EXPIRED" });
  await sessions.open("a");
  expect(await use(generation)).toMatchObject({ code: "UNKNOWN_SESSION" });
});

test("a session that another host has created again is not used in place of the old one", async () => {
  await sessions.open("a");
  const generation = sessions.generationOf("a");
  store.isMuted = true;
  await store.others.deleteSession("a", clock.now());
  clock.advance(1);
  await store.others.createSession(DRAFT, clock.now(), 10);
  store.isMuted = false;
  clock.advance(999);
  expect(await use(generation)).toMatchObject({ code: "UNKNOWN_SESSION", details: { sessionId: "a" } });
  expect((await sessions.list()).map(({ expiresAt }) => expiresAt)).toEqual([clock.now() + 1]);
});

test("a session that this host does not track has a generation once it is used", async () => {
  await store.others.createSession(DRAFT, clock.now(), 10);
  expect(sessions.generationOf("a")).toBe(0);
  await sessions.use("a");
  expect(sessions.generationOf("a")).toBeGreaterThan(0);
});
