import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, Snakepit, SnakepitError } from "../index.ts";
import { commonOptions, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { isAlive, until } from "../testing/processes.ts";
import { StartJournal } from "../testing/start-journal.ts";

const TOOLS = join(import.meta.dirname, "../testing/held_answer_tools.py");
const CALLS = 24;
/** The call that ends or blocks its worker. */
const FIFTH = 5;
/** Rounds in which answers were held. */
const ROUNDS = 3;
/** The worker holds an answer only if the calls are quick, which they are not in each round. */
const MAX_ROUNDS = 500;

const options = commonOptions();
let pit: Snakepit;
beforeAll(async () => {
  pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    restart: { maxRestarts: 1_000_000 },
    backoff: { initialMs: 1, maxMs: 1 },
    worker: python(TOOLS),
    size: 1,
    prefetch: 2 * CALLS,
    ...options(),
  });
});
afterAll(() => pit.close());

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function codeOf(error: unknown): string {
  if (!(error instanceof SnakepitError)) throw error;
  return error.code;
}

/** Makes a call of each name at the same time. */
function calls(
  journal: StartJournal,
  of: { readonly how: string; readonly gate?: string },
): Promise<number | string>[] {
  return upTo(CALLS).map((name) => {
    const args = { journal: journal.path, name, ...(name === FIFTH ? of : {}) };
    return pit.execute<number>("quick", args).catch(codeOf);
  });
}

/** Shows the worker that the tool is quick, and how many calls it may have at the same time. */
async function warmUp(): Promise<void> {
  await pit.ready();
  using journal = new StartJournal();
  for (let round = 0; round < 3; round++) {
    await Promise.all(upTo(CALLS).map((name) => pit.execute("quick", { journal: journal.path, name })));
  }
}

/** What the tool that has ended or blocked the worker has recorded, see held_answer_tools.py. */
function noteIn({ names }: StartJournal, note: "held" | "child"): number {
  return Number(names.find((name) => name.startsWith(`${note}=`))?.slice(note.length + 1));
}

/** The number of answers that were held when the worker was ended or blocked. */
function heldIn(journal: StartJournal): number {
  return noteIn(journal, "held");
}

/** Checks that each call ran once. */
function expectRunOnce({ names }: StartJournal): void {
  const ran = names.filter((name) => !name.includes("=")).map(Number);
  expect(ran).toEqual(upTo(CALLS));
}

/** Repeats a round until answers were held in some of them; it returns their number. */
async function rounds(round: () => Promise<number>): Promise<void> {
  let successful = 0;
  for (let made = 0; successful < ROUNDS; made++) {
    if (made === MAX_ROUNDS) throw new Error(`answers were held in only ${successful} of ${made} rounds`);
    await warmUp();
    if ((await round()) > 0) successful += 1;
  }
}

const VALUES = upTo(CALLS);
const WITHOUT_FIFTH = VALUES.map((value) => (value === FIFTH ? "WORKER_CRASHED" : value));

describe("when the fifth of many calls ends the process, the first four have succeeded and no call runs twice", () => {
  test.each(["exit", "SIGKILL", "SIGABRT", "invalid memory"])("by %s", async (how) => {
    await rounds(async () => {
      using journal = new StartJournal();
      expect(await Promise.all(calls(journal, { how }))).toEqual(WITHOUT_FIFTH);
      expectRunOnce(journal);
      return heldIn(journal);
    });
  });

  test("although a child process keeps its connection open", async () => {
    await rounds(async () => {
      using journal = new StartJournal();
      const gate = journal.gate();
      try {
        expect(await Promise.all(calls(journal, { how: "fork and exit", gate }))).toEqual(WITHOUT_FIFTH);
      } finally {
        journal.open(gate);
        const child = noteIn(journal, "child");
        await until("the child has ended", () => !isAlive(child));
      }
      expectRunOnce(journal);
      return heldIn(journal);
    });
  });
});

describe("when the fifth of many calls blocks the process, the answers to the first four arrive meanwhile", () => {
  test("by holding the interpreter lock", async () => {
    await rounds(async () => {
      using journal = new StartJournal();
      const gate = journal.gate();
      const outcomes = calls(journal, { how: "hold the interpreter lock", gate });
      expect(await Promise.all(outcomes.slice(0, FIFTH - 1))).toEqual(VALUES.slice(0, FIFTH - 1));
      expect(pit.stats().active).toBe(1);
      journal.open(gate);
      expect(await Promise.all(outcomes)).toEqual(VALUES);
      expectRunOnce(journal);
      return heldIn(journal);
    });
  });

  test("by stopping it", async () => {
    await rounds(async () => {
      using journal = new StartJournal();
      const pid = pit.workers()[0]?.pid ?? 0;
      const outcomes = calls(journal, { how: "SIGSTOP" });
      try {
        expect(await Promise.all(outcomes.slice(0, FIFTH - 1))).toEqual(VALUES.slice(0, FIFTH - 1));
      } finally {
        await until("the worker is stopped", () => stateOf(pid) === "T");
        process.kill(pid, "SIGCONT");
      }
      expect(await Promise.all(outcomes)).toEqual(VALUES);
      expectRunOnce(journal);
      return heldIn(journal);
    });
  });
});

describe("all chunks of a quick generator arrive", () => {
  const CHUNKS = 10;
  const expected = Array.from({ length: CHUNKS }, (_, index) => index);

  test.each(["exit", "SIGKILL"])("although it then ends the process by %s", async (how) => {
    await rounds(async () => {
      using journal = new StartJournal();
      const chunks: number[] = [];
      const consume = async () => {
        const stream = pit.stream<number>("quick_chunks", { journal: journal.path, count: CHUNKS, how });
        for await (const chunk of stream) chunks.push(chunk);
      };
      expect(await consume().catch(codeOf)).toBe("WORKER_CRASHED");
      expect(chunks).toEqual(expected);
      return heldIn(journal);
    });
  });

  test("while it blocks the process", async () => {
    await rounds(async () => {
      using journal = new StartJournal();
      const gate = journal.gate();
      const how = "hold the interpreter lock";
      const chunks: number[] = [];
      const stream = pit.stream<number>("quick_chunks", { journal: journal.path, count: CHUNKS, how, gate });
      for await (const chunk of stream) {
        chunks.push(chunk);
        if (chunks.length === CHUNKS) journal.open(gate);
      }
      expect(chunks).toEqual(expected);
      return heldIn(journal);
    });
  });
});

/** The state of a process, as in `ps`. */
function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
}
