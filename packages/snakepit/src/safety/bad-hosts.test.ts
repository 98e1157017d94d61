import { MemoryStore } from "@snakepit/sessions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostTool, Snakepit } from "../index.ts";
import { commonOptions, failure, fakeWorkers } from "../testing/host-under-test.ts";

const common = commonOptions();

/** Makes the compiler accept a value of the wrong type. */
const wrong = (value: unknown) => value as never;

function start(options?: never): Promise<Snakepit> {
  return Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1 }, options);
}

test.each([
  ["a signal of the wrong type", { signal: "now" }, 'signal must be an AbortSignal; got "now"'],
  [
    "an AbortController in place of its signal",
    { signal: new AbortController() },
    "signal must be an AbortSignal; got an AbortController; write signal: controller.signal",
  ],
  ["a misspelled option", { sginal: 1 }, "sginal is not an option of Snakepit.start(); did you mean signal?"],
  [
    "a pool option in the second argument",
    { size: 4 },
    "size must be in the first argument of Snakepit.start(), the configuration; got it in the second; write Snakepit.start({ worker: …, size: 4 })",
  ],
  ["null as options", null, "the options of Snakepit.start() must be an object; got null"],
])("a start with %s", async (_, options, message) => {
  expect(await failure(start(wrong(options)))).toMatchObject({ code: "INVALID_ARGUMENT", message });
});

test("the constructor of a host is rejected with the method that starts one", () => {
  const Constructor = Snakepit as unknown as new (config: object) => Snakepit;
  expect(() => new Constructor({ worker: fakeWorkers() })).toThrow(
    "a host must be started with Snakepit.start(); got new Snakepit(); write await Snakepit.start({ worker: … })",
  );
});

test("a script with swapped arguments is rejected", async () => {
  const { message } = await failure(
    Snakepit.run(
      wrong({ worker: fakeWorkers() }),
      wrong(() => {}),
    ),
  );
  expect(message).toBe(
    "the first argument of Snakepit.run() must be a function; got an object with worker; write Snakepit.run(async (pit) => { … }, { worker: … })",
  );
});

describe("a running host rejects", () => {
  let pit: Snakepit;
  beforeAll(async () => {
    pit = await start();
  });
  afterAll(() => pit.close());

  test.each<[string, (host: Snakepit) => Promise<unknown>, string]>([
    [
      "a worker in place of its id",
      (host) => host.recycle(wrong(host.workers()[0])),
      "workerId must be the id of a worker, such as workers()[0].id; got an object with id, pid, state, load, capacity, …",
    ],
    [
      "a misspelled option of recycle()",
      (host) => host.recycle("default-1", wrong({ grace: 5 })),
      "grace is not an option of recycle(); did you mean graceMs?",
    ],
    [
      "an invalid grace period of recycle()",
      (host) => host.pool().recycle("default-1", { graceMs: wrong("soon") }),
      'graceMs must be a duration; got "soon"; write milliseconds, such as graceMs: 500, or a string such as graceMs: "30s"',
    ],
    [
      "a misspelled option of ready()",
      (host) => host.ready(wrong({ timeout: 5 })),
      "timeout is not an option of ready(); did you mean timeoutMs?",
    ],
    [
      "a misspelled option of close(), and stays open",
      (host) => host.close(wrong({ grace: 5 })),
      "grace is not an option of close(); did you mean graceMs?",
    ],
    [
      "an unknown event",
      async (host) => host.on(wrong("worker.exit"), () => {}),
      'unknown event "worker.exit"; did you mean "worker.exited"?',
    ],
    [
      "an unknown event among others",
      async (host) => host.on(["worker.ready", wrong("call.end")], () => {}),
      'unknown event "call.end"; did you mean "call.ended"?',
    ],
    [
      "an empty array of events",
      async (host) => host.on([], () => {}),
      "the events of on() must be a name or an array of names; got an empty array",
    ],
    [
      "a misspelled option of on()",
      async (host) => host.on("worker.ready", () => {}, wrong({ once: true })),
      "once is not an option of on(); the options are signal",
    ],
    [
      "an invalid signal of onAny()",
      async (host) => host.onAny(() => {}, { signal: wrong(new AbortController()) }),
      "signal must be an AbortSignal; got an AbortController; write signal: controller.signal",
    ],
    [
      "a missing listener of onAny()",
      async (host) => host.onAny(wrong("worker.ready")),
      'the listener of onAny() must be a function; got "worker.ready"',
    ],
    [
      "a missing listener",
      async (host) => host.on("worker.ready", wrong(undefined)),
      'the listener of on("worker.ready") must be a function; got undefined',
    ],
  ])("%s", async (_, call, message) => {
    expect(await failure(call(pit))).toMatchObject({ code: "INVALID_ARGUMENT", message });
    expect(await pit.execute("add")).toBe("add");
  });

  test("the recycling of a replaced worker, with the name of its replacement", async () => {
    const [{ id } = { id: "" }] = pit.workers();
    const next = await pit.recycle(id, { graceMs: "5s" });
    expect(await failure(pit.recycle(id))).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: `unknown worker "${id}"; it may have been replaced or may have exited; available workers: ${next}`,
    });
  });
});

test("after close() every method rejects with SHUTTING_DOWN and has no effect", async () => {
  const store = new MemoryStore();
  const pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1, sessions: { store } });
  const session = await pit.session("s");
  await session.variables.register("v", { type: "integer", value: 1 });
  const [{ id } = { id: "" }] = pit.workers();
  const tools = [hostTool({ name: "now", description: "The time.", run: () => 1 })];
  await pit.close();
  for (const call of [
    async () => pit.hostTools.register(tools),
    async () => session.hostTools.register(tools),
    () => pit.programs.store("p", {}),
    () => session.programs.store("p", {}),
    () => session.programs.list(),
    () => session.variables.register("w", { type: "integer", value: 1 }),
    () => session.variables.set("v", 2),
    () => session.variables.get("v"),
    () => session.execute("add"),
    () => session.executeProgram("add"),
    () => session.stream("count").next(),
    () => session.update((metadata) => metadata),
    () => pit.session("t"),
    () => pit.sessions.list(),
    () => pit.recycle(id),
    () => pit.serve({ port: 0, token: "x".repeat(32) }),
    () => pit.ready(),
  ]) {
    expect(await failure(call())).toMatchObject({ code: "SHUTTING_DOWN" });
  }
  expect(await session.variables.watch().next()).toMatchObject({ done: true });
  expect(pit.hostTools.list()).toEqual([]);
  // A custom store stays open and unchanged.
  expect(await store.listEntries("s", "variable", "*", { limit: 9 }, Date.now())).toMatchObject([
    { name: "v", version: 1 },
  ]);
  expect(await store.readSession("t")).toBeUndefined();
});
