import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hostTool, python, Snakepit } from "../index.ts";
import { failure } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;
const mine = [hostTool({ name: "mine", description: "Returns its session.", run: (_, { sessionId }) => sessionId })];

let pit: Snakepit;
beforeEach(async () => {
  pit = await Snakepit.start({ worker: python(TOOLS), size: 1, logger: false });
});
afterEach(() => pit.close());

/** Occupies the only worker until it is cancelled. */
async function occupied(): Promise<() => Promise<void>> {
  const leave = new AbortController();
  const holding = pit.execute("hold", { seconds: 60 }, { signal: leave.signal, timeoutMs: "1m" });
  holding.catch(() => {});
  await until("the worker is busy", () => pit.stats().active === 1);
  return async () => {
    leave.abort();
    await until("the worker is free", () => pit.stats().active === 0);
  };
}

test("queued calls of an ended session are not executed, and leave no session in a worker", async () => {
  const session = await pit.session("s");
  const release = await occupied();
  const waiting = [
    failure(session.execute("pid")),
    failure(session.execute("pid", {}, { affinity: "strict-queue" })),
    failure(session.stream("relay", { name: "mine", args: {} }).next()),
  ];
  const other = pit.execute<number>("pid");
  await until("the calls wait", () => pit.stats().queued === 4);
  await session.close();
  for (const error of await Promise.all(waiting)) {
    expect(error).toMatchObject({ code: "UNKNOWN_SESSION", details: { sessionId: "s" } });
  }
  await release();
  expect(await other).toBe(pit.workers()[0]?.pid);
  expect(await pit.execute("session_events")).toEqual([]);
  expect(pit.workers().map(({ sessions }) => sessions)).toEqual([0]);
});

test("host tools cannot be registered in an ended session, so that the next session with its id has none", async () => {
  const session = await pit.session("s");
  session.hostTools.register(mine);
  expect(await session.execute("ask", { name: "mine", args: {} })).toBe("s");
  await session.close();
  expect(() => session.hostTools.register(mine)).toThrow(
    expect.objectContaining({ code: "UNKNOWN_SESSION", details: { sessionId: "s" } }),
  );
  expect(session.hostTools.list()).toEqual([]);
  await using again = await pit.session("s");
  expect(again.hostTools.list()).toEqual([]);
  again.hostTools.register(mine);
});

test("a session that is created again after its expiry has no old host tools, and starts again in Python", async () => {
  const session = await pit.session("s", { ttlMs: 200 });
  session.hostTools.register(mine);
  await session.execute("pid");
  await until("the session has expired", async () => !(await pit.sessions.exists("s")));
  await using again = await pit.session("s");
  expect(again.hostTools.list()).toEqual([]);
  await again.execute("pid");
  expect(await pit.execute("session_events")).toEqual(["start s", "end s", "start s"]);
});
