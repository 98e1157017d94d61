import { afterAll, beforeAll, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { commonOptions, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { JOURNAL_TOOLS, StartJournal } from "../testing/start-journal.ts";

const options = commonOptions();
let pit: Snakepit;
let journal: StartJournal;

beforeAll(async () => {
  journal = new StartJournal();
  pit = await Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(JOURNAL_TOOLS), size: 3, ...options() });
  await pit.ready();
  for (let i = 0; i < 100; i++) await call(`first-${i}`);
});
afterAll(async () => {
  await pit.close();
  journal[Symbol.dispose]();
});

function call(name: string): Promise<number> {
  return pit.execute<number>("record", { journal: journal.path, name });
}

/** Runs `calls` callers at a time until all calls are made. */
async function callers(calls: number, of: number, one: (index: number) => Promise<unknown>): Promise<void> {
  let made = 0;
  const caller = async () => {
    while (made < calls) await one(made++);
  };
  await Promise.all(Array.from({ length: of }, caller));
}

/** Collects what `stats()` and `workers()` report wrongly while calls are made. */
function watchStats(outstanding: () => number): () => unknown[] {
  const mistakes: unknown[] = [];
  const timer = setInterval(() => {
    const { queued, active, busy, workers } = pit.stats();
    const loads = pit.workers().map(({ load }) => load);
    const load = loads.reduce((total, one) => total + one, 0);
    if (queued + active !== outstanding() || busy > workers || load !== active) {
      mistakes.push({ queued, active, busy, loads, outstanding: outstanding() });
    }
  }, 1);
  return () => {
    clearInterval(timer);
    return mistakes;
  };
}

async function collected<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}

function expectIdle(): void {
  expect(pit.stats()).toMatchObject({ queued: 0, active: 0, busy: 0, available: 3, errors: 0 });
  expect(pit.workers().map(({ load }) => load)).toEqual([0, 0, 0]);
}

test("async tools, streams and sessions next to short calls: every result is right and the statistics are", async () => {
  let outstanding = 0;
  const tracked = async <Value>(promise: Promise<Value>): Promise<Value> => {
    outstanding += 1;
    try {
      return await promise;
    } finally {
      outstanding -= 1;
    }
  };
  const mistakes = watchStats(() => outstanding);
  const sessions = await Promise.all([1, 2, 3].map(() => pit.session()));
  const made: string[] = [];
  await Promise.all([
    callers(400, 24, (index) => {
      made.push(`short-${index}`);
      return tracked(call(`short-${index}`));
    }),
    callers(60, 3, (index) => {
      made.push(`async-${index}`);
      return tracked(pit.execute("record_async", { journal: journal.path, name: `async-${index}`, seconds: 0.001 }));
    }),
    callers(30, 3, async (index) => {
      const name = `stream-${index}`;
      made.push(name);
      const chunks = await tracked(
        collected(pit.stream<number>("record_and_count", { journal: journal.path, name, to: index })),
      );
      expect(chunks).toEqual(Array.from({ length: index }, (_, number) => number));
    }),
    ...sessions.map(async (session, of) => {
      const ids = Array.from({ length: 40 }, async (_, index) => {
        const name = `session-${of}-${index}`;
        made.push(name);
        const args = { journal: journal.path, name };
        return await tracked(session.execute("record_in_session", args, { affinity: "strict-queue" }));
      });
      expect(new Set(await Promise.all(ids))).toEqual(new Set([session.id]));
    }),
  ]);
  expect(mistakes()).toEqual([]);
  const { entries } = journal;
  const ran = entries.filter(({ name }) => !name.startsWith("first-") && !name.startsWith("item-"));
  expect(ran.map(({ name }) => name).toSorted()).toEqual(made.toSorted());
  for (const of of sessions.keys()) {
    const ofSession = ran.filter(({ name }) => name.startsWith(`session-${of}-`));
    expect(ofSession.map(({ name }) => name)).toEqual(
      Array.from({ length: 40 }, (_, index) => `session-${of}-${index}`),
    );
    expect(new Set(ofSession.map(({ pid }) => pid)).size).toBe(1);
  }
  for (const session of sessions) await session.close();
  expectIdle();
});

test.each([true, false])(
  "map() over many items returns every result, each call running once (ordered: %s)",
  async (ordered) => {
    const items = Array.from({ length: 600 }, (_, index) => `item-${ordered}-${index}`);
    const toArgs = (name: string) => ({ journal: journal.path, name });
    const pids: number[] = [];
    for await (const pid of pit.map<number>("record", items, { toArgs, ordered, concurrency: 40 })) pids.push(pid);
    expect(pids.length).toBe(600);
    const ran = journal.entries.filter(({ name }) => name.startsWith(`item-${ordered}-`));
    expect(ran.map(({ name }) => name).toSorted()).toEqual(items.toSorted());
    if (ordered) {
      const pidOf = new Map(ran.map(({ name, pid }) => [name, pid]));
      expect(pids).toEqual(items.map((name) => pidOf.get(name)));
    }
    expectIdle();
  },
);
