import { FakeClock } from "@snakepit/core/conformance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ControlledStore } from "../testing/controlled-store.ts";
import { SessionDirectory } from "./session-directory.ts";

const NEVER = Number.POSITIVE_INFINITY;
const DRAFT = { id: "a", metadata: {}, ttlMs: 1_000 };

let clock: FakeClock;
let store: ControlledStore;
let sessions: SessionDirectory;

beforeEach(() => {
  clock = new FakeClock();
  store = new ControlledStore();
  const options = { ttlMs: 1_000, maxSessions: 10, maxStaleMs: 2_000, sweepIntervalMs: NEVER };
  const listener = { created: () => {}, ended: () => {}, lastWorkerOf: () => undefined, storeFailed: () => {} };
  sessions = new SessionDirectory(store, clock, options, listener);
});
afterEach(() => sessions.close());

/** What became of a use of one life of session `a`. */
async function use(life: number): Promise<unknown> {
  try {
    return await sessions.use("a", life);
  } catch (thrown) {
    return thrown;
  }
}

test("a session has one life, however often it is opened and used", async () => {
  await sessions.open("a");
  const life = sessions.generationOf("a");
  expect(life).toBeGreaterThan(0);
  await sessions.open("a");
  await sessions.get("a");
  expect(sessions.generationOf("a")).toBe(life);
  expect(sessions.use("a", life)).toBeUndefined();
});

test("a session that was closed has none, and the next one with its id another, also in the same millisecond", async () => {
  await sessions.open("a");
  const life = sessions.generationOf("a");
  await sessions.delete("a");
  expect(sessions.generationOf("a")).toBe(0);
  expect(await use(life)).toMatchObject({ code: "UNKNOWN_SESSION" });
  await sessions.open("a");
  expect(sessions.generationOf("a")).not.toBe(life);
  expect(await use(life)).toMatchObject({
    code: "UNKNOWN_SESSION",
    message: expect.stringMatching(/in which this call was made is over, and the one that has its id now is another/),
    details: { sessionId: "a" },
  });
  expect(await use(0)).toMatchObject({ code: "UNKNOWN_SESSION" });
  expect(await use(sessions.generationOf("a"))).toBeUndefined();
});

test("a session that has expired has none, and is not revived by whoever means it", async () => {
  await sessions.open("a");
  const life = sessions.generationOf("a");
  clock.advance(1_000);
  expect(await use(life)).toMatchObject({ code: "SESSION_EXPIRED" });
  await sessions.open("a");
  expect(await use(life)).toMatchObject({ code: "UNKNOWN_SESSION" });
});

test("a session that another host has made anew is another one, and is not used by whoever means the old one", async () => {
  await sessions.open("a");
  const life = sessions.generationOf("a");
  store.isMuted = true;
  await store.others.deleteSession("a", clock.now());
  clock.advance(1);
  await store.others.createSession(DRAFT, clock.now(), 10);
  store.isMuted = false;
  clock.advance(999);
  expect(await use(life)).toMatchObject({ code: "UNKNOWN_SESSION", details: { sessionId: "a" } });
  expect((await sessions.list()).map(({ expiresAt }) => expiresAt)).toEqual([clock.now() + 1]);
});

test("a session that this host has not met has a life once it is used", async () => {
  await store.others.createSession(DRAFT, clock.now(), 10);
  expect(sessions.generationOf("a")).toBe(0);
  await sessions.use("a");
  expect(sessions.generationOf("a")).toBeGreaterThan(0);
});
