import { setImmediate as nextTurn } from "node:timers/promises";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { describe, expect, test } from "vitest";
import { python, Snakepit, type SnakepitConfig, SnakepitError } from "../index.ts";
import { commonOptions, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";
import { JOURNAL_TOOLS, StartJournal } from "../testing/start-journal.ts";

const ROUNDS = LONG_TESTS ? 100 : 2;
const options = commonOptions();

function start(config: Partial<SnakepitConfig>): Promise<Snakepit> {
  return Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(JOURNAL_TOOLS), prefetch: 8, ...options(), ...config });
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "answered";
  } catch (error) {
    if (!(error instanceof SnakepitError)) throw error;
    return error.code;
  }
}

describe("calls ahead of a worker", () => {
  test("that is recycled run once, on its replacement unless they had started", async () => {
    await using pit = await start({ size: 1 });
    await pit.ready();
    for (let round = 0; round < ROUNDS; round++) {
      using journal = new StartJournal();
      const gate = journal.gate();
      const blocker = pit.execute<number>("record", { journal: journal.path, name: "blocker", gate });
      await journal.started(1);
      const calls = names(8).map((name) => pit.execute<number>("record", { journal: journal.path, name }));
      await nextTurn();
      const recycled = pit.recycle(pit.workers()[0]?.id ?? "", { graceMs: "2m" });
      // The replacement takes the calls while the worker is still blocked.
      const pids = new Set(await Promise.all(calls));
      journal.open(gate);
      expect(pids).not.toContain(await blocker);
      await recycled;
      expect(journal.names.toSorted()).toEqual([...names(8), "blocker"].toSorted());
      expect(pit.stats()).toMatchObject({ queued: 0, active: 0, workers: 1 });
    }
  });

  test("that is recycled under load run once", async () => {
    await using pit = await start({ size: 2 });
    await pit.ready();
    using journal = new StartJournal();
    let made = 0;
    let recycling = true;
    const caller = async () => {
      while (recycling) {
        const name = String(made++);
        await pit.execute("record", { journal: journal.path, name, seconds: made % 3 === 0 ? 0.001 : 0 });
      }
    };
    const callers = Array.from({ length: 16 }, caller);
    for (let round = 0; round < ROUNDS; round++) await pit.recycle(pit.workers()[0]?.id ?? "", { graceMs: "2m" });
    recycling = false;
    await Promise.all(callers);
    expect(journal.names.toSorted()).toEqual(names(made).toSorted());
    expect(pit.stats()).toMatchObject({ queued: 0, active: 0, errors: 0 });
  });

  test("that is killed because it ignores a cancellation run once, on its replacement", async () => {
    await using pit = await start({ size: 1, cancelGraceMs: 50 });
    await pit.ready();
    for (let round = 0; round < ROUNDS; round++) {
      using journal = new StartJournal();
      const gate = journal.gate();
      const { path } = journal;
      const controller = new AbortController();
      const args = { journal: path, name: "stuck", gate };
      const stuck = outcome(pit.execute("record_and_ignore_cancellation", args, { signal: controller.signal }));
      await journal.started(1);
      const pid = pit.workers()[0]?.pid;
      const calls = names(8).map((name) => pit.execute<number>("record", { journal: path, name }));
      await nextTurn();
      controller.abort();
      expect(await stuck).toBe("CANCELLED");
      expect(new Set(await Promise.all(calls))).not.toContain(pid);
      expect(journal.names).toEqual(["stuck", ...names(8)]);
    }
  });
});

test("close() rejects the calls ahead that had not started and never runs them", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    using journal = new StartJournal();
    const gate = journal.gate();
    const pit = await start({ size: 2, shutdownGraceMs: "2m" });
    await pit.ready();
    const { path } = journal;
    const running = [0, 1].map((n) => outcome(pit.execute("record", { journal: path, name: `running-${n}`, gate })));
    await journal.started(2);
    const calls = names(20).map((name) => outcome(pit.execute("record", { journal: path, name })));
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    const closed = pit.close();
    // In the same turn, the workers become free.
    journal.open(gate);
    expect(await Promise.all(calls)).toEqual(names(20).map(() => "SHUTTING_DOWN"));
    expect(await Promise.all(running)).toEqual(["answered", "answered"]);
    await closed;
    expect(journal.names.toSorted()).toEqual(["running-0", "running-1"]);
  }
});

test("close() under load runs the calls that succeed once, and no other one to its end", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    using journal = new StartJournal();
    const pit = await start({ size: 2, shutdownGraceMs: "2m" });
    await pit.ready();
    let answered = 0;
    const calls = names(200).map(async (name) => {
      const result = await outcome(pit.execute("record", { journal: journal.path, name }));
      answered += 1;
      return result;
    });
    await until("some calls are answered", () => answered >= 5 + 3 * round);
    await pit.close();
    const outcomes = await Promise.all(calls);
    const succeeded = names(200).filter((_, index) => outcomes[index] === "answered");
    expect(new Set(outcomes)).toEqual(new Set(succeeded.length === 200 ? ["answered"] : ["answered", "SHUTTING_DOWN"]));
    expect(journal.names.toSorted()).toEqual(succeeded.toSorted());
  }
});
