import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hostTool, python, type Session, Snakepit, SnakepitError } from "../index.ts";
import { until } from "../testing/processes.ts";

const TOOLS = join(import.meta.dirname, "../testing/late_tools.py");

let pit: Snakepit;
beforeEach(async () => {
  pit = await Snakepit.start({ worker: python(TOOLS), size: 2, logger: false });
  await pit.ready();
});
afterEach(() => pit.close());

test("a thread that outlives its call is refused, and not taken for one without a session", async () => {
  const asked: (string | undefined)[] = [];
  const note = ({ sessionId }: { readonly sessionId: string | undefined }) => asked.push(sessionId);
  pit.hostTools.register([hostTool({ name: "note", description: "Notes who asks.", run: (_, who) => note(who) })]);
  await using session = await pit.session("s");
  await session.execute("leave_behind", { name: "note" });
  expect(await session.execute("what_it_was_told", {}, { affinity: "strict-queue" })).toEqual({
    code: "CANCELLED",
    message: expect.stringMatching(/^"tools\.call" was requested for a call that has ended; wait in the tool/),
  });
  expect(asked).toEqual([]);
});

/** Ways for a session to end while a call of it runs. */
const ENDS: Readonly<Record<string, (session: Session) => Promise<unknown>>> = {
  closed: (session) => session.close(),
  expired: (session) => until("the session has expired", async () => !(await pit.sessions.exists(session.id))),
};

/** What becomes of a call that a function of the host makes. */
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
  "a call whose session was %s while it ran does not reach the next one with its id",
  async (_, end) => {
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const wait = async () => {
      begun.resolve();
      await goOn.promise;
      return await nested();
    };
    pit.hostTools.register([hostTool({ name: "wait", description: "Waits, then makes a call.", run: wait })]);
    const session = await pit.session("s", { ttlMs: 1_000, metadata: { whose: "the old one's" } });
    await fill(session, 10);
    const running = session.execute<Record<string, unknown>>("ask_after", { wait: "wait" });
    await begun.promise;
    await end(session);
    await using again = await pit.session("s", { metadata: { whose: "the new one's" } });
    await fill(again, 20);
    goOn.resolve();
    const { nested: ofNested, ...outcomes } = await running;
    expect(ofNested).toBe("UNKNOWN_SESSION");
    expect(Object.keys(outcomes).length).toBe(13);
    for (const [what, outcome] of Object.entries(outcomes)) {
      expect([what, outcome]).toEqual([
        what,
        {
          code: "UNKNOWN_SESSION",
          message: expect.stringContaining('the session "s" in which this call was made has ended'),
        },
      ]);
    }
    expect(await again.variables.getMany(["n", "m"])).toEqual({ n: 20 });
    expect(await again.programs.get("p")).toBe(20);
    expect(await again.execute("number")).toBe(20);
  },
);

test("a call that goes on in its session, however often that is opened, reaches all of it", async () => {
  const wait = async () => {
    await pit.session("s");
    return await nested();
  };
  pit.hostTools.register([hostTool({ name: "wait", description: "Opens the session, and makes a call.", run: wait })]);
  await using session = await pit.session("s", { metadata: { whose: "mine" } });
  await fill(session, 10);
  expect(await session.execute("ask_after", { wait: "wait" })).toEqual({
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
