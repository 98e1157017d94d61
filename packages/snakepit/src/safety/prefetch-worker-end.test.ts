import { setImmediate as nextTurn } from "node:timers/promises";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, Snakepit, SnakepitError } from "../index.ts";
import { commonOptions, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";
import { JOURNAL_TOOLS, StartJournal } from "../testing/start-journal.ts";

/** Rounds with the end of a worker, for each kind of end. */
const ROUNDS = LONG_TESTS ? 400 : 8;
const CALLS = 60;
const CALLERS = 24;
const RESTARTS = { restart: { maxRestarts: 1_000_000 }, backoff: { initialMs: 1, maxMs: 1 } } as const;

const options = commonOptions();
let pit: Snakepit;
beforeAll(async () => {
  pit = await start();
});
afterAll(() => pit.close());

async function start(): Promise<Snakepit> {
  const worker = python(JOURNAL_TOOLS);
  const started = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    ...RESTARTS,
    worker,
    size: 2,
    prefetch: 8,
    ...options(),
  });
  await started.ready();
  return started;
}

/** Makes calls from many callers; `call` starts one by its number. Resolves with the numbers of the failed calls. */
async function failedCalls(call: (number: number) => Promise<unknown>): Promise<number[]> {
  const failed: number[] = [];
  let made = 0;
  const caller = async () => {
    while (made < CALLS) {
      made += 1;
      const number = made;
      try {
        await call(number);
      } catch (error) {
        if (!(error instanceof SnakepitError) || error.code !== "WORKER_CRASHED") throw error;
        failed.push(number);
      }
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return failed;
}

/** Checks that each call ran once, apart from failed ones, which may not have reached the journal. */
function expectRunOnce({ names }: StartJournal, failed: readonly number[]): void {
  expect(new Set(names).size).toBe(names.length);
  const missing = Array.from({ length: CALLS }, (_, index) => index + 1).filter((n) => !names.includes(String(n)));
  expect(missing.filter((number) => !failed.includes(number))).toEqual([]);
}

function codeOf(error: unknown): string {
  if (!(error instanceof SnakepitError)) throw error;
  return error.code;
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}

describe("when a worker ends while calls were sent ahead to it", () => {
  test("by SIGKILL, only the call that had started fails", async () => {
    let failures = 0;
    // A kill between two calls tests nothing.
    for (let round = 0; round < ROUNDS || failures === 0; round++) {
      await pit.ready();
      using journal = new StartJournal();
      const after = 1 + random(CALLS - 1);
      let answered = 0;
      let killed = 0;
      const failed = await failedCalls(async (number) => {
        const seconds = number % 2 === 0 ? 0 : 0.001;
        const pid = await pit.execute<number>("record", { journal: journal.path, name: String(number), seconds });
        answered += 1;
        if (answered !== after) return;
        killed = pid;
        process.kill(pid, "SIGKILL");
      });
      // A call that is dispatched to it before its death is noticed fails too.
      await until("the death of the worker is noticed", () => pit.workers().every(({ pid }) => pid !== killed));
      failures += failed.length;
      expect(failed.length).toBeLessThanOrEqual(1);
      expectRunOnce(journal, failed);
    }
  });

  test.each(["exit", "SIGSEGV"])("by a tool (%s), only the call of that tool fails", async (how) => {
    for (let round = 0; round < ROUNDS; round++) {
      await pit.ready();
      using journal = new StartJournal();
      const fatal = 1 + random(CALLS);
      const failed = await failedCalls((number) => {
        const args = { journal: journal.path, name: String(number) };
        return number === fatal ? pit.execute("record_and_end", { ...args, how }) : pit.execute("record", args);
      });
      expect(failed).toEqual([fatal]);
      expectRunOnce(journal, failed);
      expect(journal.names).toContain(String(fatal));
    }
  });

  test.each([
    ["before", "no call fails", 0],
    ["after", "only that one fails", 1],
  ])("between two calls, %s it takes the permit of the next one, %s", async (when, _, perWorker) => {
    let failures = 0;
    for (let round = 0; round < ROUNDS / 4; round++) {
      // A worker whose calls were recalled in time does not end.
      await using pit = await start();
      using journal = new StartJournal();
      const gate = journal.gate();
      const { path } = journal;
      const ending = [0, 1].map((n) =>
        pit.execute("record_and_end_at_permit", { journal: path, name: `ending-${n}`, when, gate }),
      );
      await journal.started(2);
      const calls = Array.from({ length: 12 }, (_, index) =>
        pit.execute("record", { journal: path, name: String(index) }).catch(codeOf),
      );
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      journal.open(gate);
      expect(await Promise.all(ending)).toEqual([null, null]);
      const failed = (await Promise.all(calls)).filter((outcome) => typeof outcome === "string");
      expect(failed.length).toBeLessThanOrEqual(2 * perWorker);
      failures += failed.length;
      expect(new Set(journal.names).size).toBe(14 - failed.length);
      expect(journal.names.length).toBe(14 - failed.length);
    }
    expect(failures > 0).toBe(perWorker > 0);
  });

  test("by losing its connection, calls that are sent to it before the end of its process run elsewhere", async () => {
    await pit.ready();
    using journal = new StartJournal();
    const gates = [journal.gate(), journal.gate()];
    const lost = gates.map((gate, index) =>
      pit.execute("record_and_disconnect", { journal: journal.path, name: `lost-${index}`, gate }).catch(codeOf),
    );
    await journal.started(2);
    // The end of the connections is read; the processes continue.
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(pit.stats()).toMatchObject({ active: 2, workers: 2 });
    const calls = Array.from({ length: 6 }, (_, index) =>
      pit.execute("record", { journal: journal.path, name: String(index) }).catch(codeOf),
    );
    for (const gate of gates) journal.open(gate);
    expect(await Promise.all(lost)).toEqual(["WORKER_CRASHED", "WORKER_CRASHED"]);
    for (const outcome of await Promise.all(calls)) expect(outcome).toBeTypeOf("number");
    expect(journal.names.toSorted()).toEqual(["0", "1", "2", "3", "4", "5", "lost-0", "lost-1"]);
  });
});
