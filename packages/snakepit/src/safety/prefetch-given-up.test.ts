import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, Snakepit, SnakepitError } from "../index.ts";
import { commonOptions, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";
import { JOURNAL_TOOLS, StartJournal } from "../testing/start-journal.ts";

const options = commonOptions();
/** One worker, to which calls are sent ahead whatever their time. */
let pit: Snakepit;
beforeAll(async () => {
  const worker = python(JOURNAL_TOOLS);
  pit = await Snakepit.start({ ...LONG_TIME_LIMITS, worker, size: 1, prefetch: 8, ...options() });
  await pit.ready();
});
afterAll(() => pit.close());

interface Limits {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly queueTimeoutMs?: number;
}

/** A call that blocks the worker, and the calls behind it. */
class Scene implements AsyncDisposable {
  readonly journal = new StartJournal();
  readonly gate = this.journal.gate();
  readonly outcomes = new Map<string, Promise<string>>();

  /** Resolves when the worker is blocked. */
  async block(): Promise<void> {
    this.call("blocker", {}, this.gate);
    await this.journal.started(1);
  }

  call(name: string, limits: Limits = {}, gate = ""): void {
    this.outcomes.set(name, outcome(pit.execute("record", { journal: this.journal.path, name, gate }, limits)));
  }

  /** Resolves when the calls have been sent to the worker. */
  async sent(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await nextTurn();
  }

  async codes(): Promise<Record<string, string>> {
    const codes: Record<string, string> = {};
    for (const [name, settled] of this.outcomes) codes[name] = await settled;
    return codes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.journal.open(this.gate);
    await this.codes();
    this.journal[Symbol.dispose]();
  }
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

function names(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}

test("a worker starts the calls that were sent ahead while the host is blocked, in their order", async () => {
  await using scene = new Scene();
  await scene.block();
  for (const name of names(1, 8)) scene.call(name);
  await scene.sent();
  expect(pit.stats()).toMatchObject({ queued: 8, active: 1, busy: 1 });
  scene.journal.open(scene.gate);
  scene.journal.startedWithoutHost(9);
  expect(scene.journal.names).toEqual(["blocker", ...names(1, 8)]);
  expect(Object.values(await scene.codes())).toEqual(Array.from({ length: 9 }, () => "answered"));
  expect(scene.journal.entries.filter(({ permitAt }) => permitAt !== undefined).map(({ name }) => name)).toEqual(
    names(1, 8),
  );
});

describe.each([
  ["all at once", [1, 2, 3, 4, 5, 6, 7, 8]],
  ["the last", [8]],
  ["every second one", [1, 3, 5, 7]],
])("of calls ahead of a worker, %s", (_, given) => {
  const givenUp = given.map(String);
  const others = names(1, 12).filter((name) => !givenUp.includes(name));

  test("never run after they were aborted in the turn in which the worker becomes free", async () => {
    await using scene = new Scene();
    await scene.block();
    const controllers = new Map(names(1, 12).map((name) => [name, new AbortController()]));
    // Four wait in the queue.
    for (const [name, { signal }] of controllers) scene.call(name, { signal });
    await scene.sent();
    for (const name of givenUp) controllers.get(name)?.abort();
    scene.journal.open(scene.gate);
    // The host sends nothing in this turn; the last call may have to wait for the notice that it was recalled.
    const startedAlone = names(1, 8).filter((name) => !givenUp.includes(name)).length;
    scene.journal.startedWithoutHost(1 + (givenUp.includes("8") ? 0 : startedAlone));
    const codes = await scene.codes();
    expect(scene.journal.names).toEqual(["blocker", ...others]);
    for (const name of givenUp) expect(codes[name]).toBe("CANCELLED");
    for (const name of others) expect(codes[name]).toBe("answered");
  });

  test.each([
    ["deadline", { timeoutMs: 1 }, "DEADLINE_EXCEEDED"],
    ["queue timeout", { queueTimeoutMs: 1 }, "QUEUE_TIMEOUT"],
  ])("never run after their %s has passed", async (_, limits, code) => {
    await using scene = new Scene();
    await scene.block();
    for (const name of names(1, 12)) scene.call(name, givenUp.includes(name) ? limits : {});
    const waiting = 12 - givenUp.length;
    await until("the limits have passed", () => pit.stats().queued === waiting);
    scene.journal.open(scene.gate);
    const codes = await scene.codes();
    expect(scene.journal.names).toEqual(["blocker", ...others]);
    for (const name of givenUp) expect(codes[name]).toBe(code);
    for (const name of others) expect(codes[name]).toBe("answered");
  });
});

test("a call runs after all calls ahead of the worker were aborted", async () => {
  await using scene = new Scene();
  await scene.block();
  const controller = new AbortController();
  for (const name of names(1, 8)) scene.call(name, { signal: controller.signal });
  await scene.sent();
  controller.abort();
  scene.journal.open(scene.gate);
  await until("the worker is free", () => pit.stats().available === 1);
  scene.call("next");
  expect((await scene.codes())["next"]).toBe("answered");
  expect(scene.journal.names).toEqual(["blocker", "next"]);
});

test("calls that are aborted one by one while the worker runs those before them run at most once, none afterwards", async () => {
  await using scene = new Scene();
  await scene.block();
  const count = 200;
  const abortedAt = new Map<string, bigint>();
  const controllers = new Map(names(1, count).map((name) => [name, new AbortController()]));
  for (const [name, { signal }] of controllers) scene.call(name, { signal });
  await scene.sent();
  scene.journal.open(scene.gate);
  for (const [name, controller] of controllers) {
    // The worker runs meanwhile; every third call is left to it.
    if (Number(name) % 3 !== 0) {
      controller.abort();
      abortedAt.set(name, process.hrtime.bigint());
    }
    if (Number(name) % 5 === 0) await nextTurn();
  }
  const codes = await scene.codes();
  const { entries } = scene.journal;
  expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  for (const { name, permitAt } of entries) {
    const at = abortedAt.get(name);
    if (at !== undefined && permitAt !== undefined) expect(permitAt).toBeLessThanOrEqual(at);
  }
  for (const name of names(1, count)) {
    if (!abortedAt.has(name)) expect(codes[name]).toBe("answered");
    else expect(codes[name]).toMatch(/answered|CANCELLED/);
    if (codes[name] === "answered") expect(entries.some((entry) => entry.name === name)).toBe(true);
  }
  expect(pit.stats()).toMatchObject({ queued: 0 });
});
