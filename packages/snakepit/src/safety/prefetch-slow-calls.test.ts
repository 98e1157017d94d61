import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { describe, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { commonOptions, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";
import { JOURNAL_TOOLS, StartJournal } from "../testing/start-journal.ts";

const ROUNDS = LONG_TESTS ? 50 : 2;
const CALLS = LONG_TESTS ? 10_000 : 400;
const options = commonOptions();

function start(size: number, prefetch: "auto" | number): Promise<Snakepit> {
  return Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(JOURNAL_TOOLS), size, prefetch, ...options() });
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

describe("calls ahead of a worker that is stuck run on the other worker as soon as that is free", () => {
  test.each(["record_and_hold_gil", "record"])("while %s blocks the worker", async (tool) => {
    await using pit = await start(2, 8);
    await pit.ready();
    for (let round = 0; round < ROUNDS; round++) {
      using journal = new StartJournal();
      const { path } = journal;
      const [stuckGate, otherGate] = [journal.gate(), journal.gate()];
      const stuck = pit.execute<number>(tool, { journal: path, name: "stuck", gate: stuckGate });
      const other = pit.execute<number>("record", { journal: path, name: "other", gate: otherGate });
      await journal.started(2);
      const calls = names(12).map((name) => pit.execute<number>("record", { journal: path, name }));
      expect(pit.stats()).toMatchObject({ queued: 12, active: 2 });
      journal.open(otherGate);
      const pid = await other;
      expect(new Set(await Promise.all(calls))).toEqual(new Set([pid]));
      expect(pit.stats()).toMatchObject({ queued: 0, active: 1 });
      journal.open(stuckGate);
      expect(await stuck).not.toBe(pid);
      expect(journal.names.toSorted()).toEqual([...names(12), "other", "stuck"].toSorted());
    }
  });

  test("while the worker is stopped", async () => {
    await using pit = await start(2, 8);
    await pit.ready();
    for (let round = 0; round < ROUNDS; round++) {
      using journal = new StartJournal();
      const stopped = pit.workers()[round % 2]?.pid ?? 0;
      let answered = 0;
      const calls = names(100).map(async (name, index) => {
        const pid = await pit.execute<number>("record", { journal: journal.path, name });
        answered += 1;
        if (index === 10 + 7 * (round % 8)) process.kill(stopped, "SIGSTOP");
        return pid;
      });
      // One call may have started at the stopped worker.
      await until("the others are answered", () => answered >= 99);
      expect(pit.stats().queued).toBe(0);
      process.kill(stopped, "SIGCONT");
      await Promise.all(calls);
      expect(journal.names.toSorted()).toEqual(names(100).toSorted());
    }
  });
});

describe('with prefetch: "auto"', () => {
  test("short calls do not wait for a call that is long this time while another worker is free", async () => {
    await using pit = await start(2, "auto");
    await pit.ready();
    using journal = new StartJournal();
    const call = (name: string, gate = "") => pit.execute<number>("record", { journal: journal.path, name, gate });
    let made = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // They show that the tool is short.
      for (let i = 0; i < 50; i++) await call(String(made++));
      const gate = journal.gate();
      const long = call(String(made++), gate);
      const short = Array.from({ length: 100 }, () => call(String(made++)));
      await Promise.all(short);
      expect(pit.stats()).toMatchObject({ queued: 0, active: 1 });
      journal.open(gate);
      await long;
    }
    expect(journal.names.toSorted()).toEqual(names(made).toSorted());
  });

  test("calls of short and long tools are all answered, each once", async () => {
    await using pit = await start(4, "auto");
    await pit.ready();
    using journal = new StartJournal();
    let made = 0;
    let outstanding = 0;
    const mistakes: unknown[] = [];
    const caller = async () => {
      while (made < CALLS) {
        const name = String(made++);
        const seconds = Number(name) % 10 === 0 ? 0.05 : 0.000_05;
        outstanding += 1;
        await pit.execute(seconds === 0.05 ? "record_async" : "record", { journal: journal.path, name, seconds });
        outstanding -= 1;
      }
    };
    const watching = setInterval(() => {
      const { queued, active } = pit.stats();
      if (queued + active !== outstanding) mistakes.push({ queued, active, outstanding });
    }, 1);
    await Promise.all(Array.from({ length: 40 }, caller));
    clearInterval(watching);
    expect(mistakes).toEqual([]);
    expect(pit.stats()).toMatchObject({ queued: 0, active: 0, busy: 0, available: 4, errors: 0, requests: made });
    expect(journal.names.toSorted()).toEqual(names(made).toSorted());
  });
});
