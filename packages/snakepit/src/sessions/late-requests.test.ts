import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hostTool, python, type Session, Snakepit, SnakepitError } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";

const TOOLS = join(import.meta.dirname, "../testing/late_tools.py");

let pit: Snakepit;
beforeEach(async () => {
  pit = await Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 2, logger: false });
  await pit.ready();
});
afterEach(async () => {
  vi.useRealTimers();
  await pit.close();
});

test("a request of a thread that outlives its call is rejected", async () => {
  const requests: (string | undefined)[] = [];
  const note = ({ sessionId }: { readonly sessionId: string | undefined }) => requests.push(sessionId);
  pit.hostTools.register([
    hostTool({ name: "note", description: "Records the session.", run: (_, context) => note(context) }),
  ]);
  await using session = await pit.session("s");
  await session.execute("leave_behind", { name: "note" });
  expect(await session.execute("outcome_of_thread", {}, { affinity: "strict-queue" })).toEqual({
    code: "CANCELLED",
    message: expect.stringMatching(/^"tools\.call" was requested for a call that has ended; wait in the tool/),
  });
  expect(requests).toEqual([]);
});

/** Ways for a session to end while a call of it runs. */
const ENDS: Readonly<Record<string, (session: Session) => Promise<unknown>>> = {
  closed: (session) => session.close(),
  expired: async (session) => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 600_001 });
    expect(await pit.sessions.exists(session.id)).toBe(false);
  },
};

/** Makes a nested call; resolves with its value or its error code. */
async function nested(): Promise<unknown> {
  try {
    return await pit.execute("number");
  } catch (thrown) {
    return thrown instanceof SnakepitError ? thrown.code : thrown;
  }
}

async function fill(session: Session, n: number): Promise<void> {
  session.hostTools.register([
    hostTool({ name: "mine", description: "A number.", run: () => n }),
    hostTool({
      name: "chunks",
      description: "Numbers.",
      async *run() {
        yield n;
      },
    }),
  ]);
  await session.variables.register("n", { type: "integer", value: n });
  await session.programs.store("p", n);
}

test.each(Object.entries(ENDS))(
  "a call whose session was %s does not reach the next session with the same id",
  async (_, end) => {
    const started = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const wait = async () => {
      started.resolve();
      await released.promise;
      return await nested();
    };
    pit.hostTools.register([hostTool({ name: "wait", description: "Waits, then makes a call.", run: wait })]);
    const session = await pit.session("s", { ttlMs: "10m", metadata: { whose: "the old one's" } });
    await fill(session, 10);
    const running = session.execute<Record<string, unknown>>("request_all", { wait: "wait" });
    await started.promise;
    await end(session);
    await using again = await pit.session("s", { metadata: { whose: "the new one's" } });
    await fill(again, 20);
    released.resolve();
    const { nested: ofNested, ...outcomes } = await running;
    expect(ofNested).toBe("UNKNOWN_SESSION");
    expect(Object.keys(outcomes).length).toBe(13);
    for (const [what, outcome] of Object.entries(outcomes)) {
      expect([what, outcome]).toEqual([
        what,
        {
          code: "UNKNOWN_SESSION",
          message: expect.stringMatching(/session "s" .*has ended/),
        },
      ]);
    }
    expect(await again.variables.getMany(["n", "m"])).toEqual({ n: 20 });
    expect(await again.programs.get("p")).toBe(20);
    expect(await again.execute("number")).toBe(20);
  },
);

test("a call keeps access to its session when the session is opened again", async () => {
  const wait = async () => {
    await pit.session("s");
    return await nested();
  };
  pit.hostTools.register([hostTool({ name: "wait", description: "Opens the session, and makes a call.", run: wait })]);
  await using session = await pit.session("s", { metadata: { whose: "mine" } });
  await fill(session, 10);
  expect(await session.execute("request_all", { wait: "wait" })).toEqual({
    nested: 10,
    metadata: { whose: "mine" },
    "variables.get": 10,
    "variables.set": true,
    "variables.register": 1,
    "variables.watch": 1,
    "variables.delete": ["n"],
    "variables.list": 1,
    "programs.get": 10,
    "programs.store": true,
    "programs.list": 1,
    "tools.list": 3,
    "tools.call": 10,
    "tools.stream": [10],
  });
});
