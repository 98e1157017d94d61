import { afterAll, beforeAll, expect, test } from "vitest";
import { type Session, Snakepit } from "../index.ts";
import { commonOptions, failure, fakeWorkers } from "../testing/host-under-test.ts";

const common = commonOptions();

let pit: Snakepit;
let session: Session;
beforeAll(async () => {
  pit = await Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1 });
  session = await pit.session("mine", { metadata: { turns: 1 } });
  await pit.session("other");
});
afterAll(() => pit.close());

/** Makes the compiler accept a value of the wrong type. */
const wrong = (value: unknown) => value as never;

const CHANGE = "write for example update((metadata) => ({ ...metadata, turns: 3 }))";

test.each<[string, () => Promise<unknown>, string]>([
  [
    "metadata in place of a function",
    () => session.update(wrong({ turns: 2 })),
    `session "mine": the argument of update() must be a function of the current metadata; got an object with turns; ${CHANGE}`,
  ],
  [
    "a function that changes its copy and returns nothing",
    () => session.update(wrong(() => {})),
    `session "mine": the function must return the new metadata; got undefined; ${CHANGE}`,
  ],
  [
    "a promise that resolves without metadata",
    () => session.update(wrong(async () => null)),
    `session "mine": the function must return the new metadata; got null; ${CHANGE}`,
  ],
  [
    "an array as metadata",
    () => session.update(wrong(() => [1])),
    `session "mine": the function must return the new metadata; got an array; ${CHANGE}`,
  ],
  [
    "a misspelled option of list()",
    () => pit.sessions.list(wrong({ limi: 5 })),
    "limi is not an option of sessions.list(); did you mean limit?",
  ],
  [
    "options of list() that are not an object",
    () => pit.sessions.list(wrong(10)),
    "the options of sessions.list() must be an object; got 10",
  ],
  ...[-1, 0, 1.5].map((limit): [string, () => Promise<unknown>, string] => [
    `a limit of ${limit}`,
    () => pit.sessions.list({ limit }),
    `limit must be an integer from 1 to 10000; got ${limit}; list further pages with after`,
  ]),
  [
    "a page after an invalid ID",
    () => pit.sessions.list({ after: wrong(7) }),
    "after must be the ID of a session; got 7",
  ],
  ...(["get", "exists", "delete"] as const).map((method): [string, () => Promise<unknown>, string] => [
    `${method}() with the session in place of its id`,
    () => pit.sessions[method](wrong(session)),
    "the ID of a session must be a string of 1 to 256 characters; got an object of class Session",
  ]),
  [
    "options in place of the id",
    () => pit.session(wrong({ ttlMs: 5 })),
    'the id of session() must be a string; got an object with ttlMs; write session("user-42", { … }), or session(undefined, { … }) for a new id',
  ],
  [
    "a misspelled option",
    () => pit.session("new", wrong({ ttl: 5 })),
    "ttl is not an option of session(); did you mean ttlMs?",
  ],
  [
    "a time to live of zero",
    () => pit.session("new", { ttlMs: 0 }),
    "ttlMs must be a positive integer of milliseconds, or Infinity for a session that never expires; got 0",
  ],
  [
    "a negative time to live",
    () => pit.session("new", { ttlMs: -1 }),
    'ttlMs must be a duration; got -1; write milliseconds, such as ttlMs: 500, or a string such as ttlMs: "30s"',
  ],
  [
    "a time to live that is too long",
    () => pit.session("new", { ttlMs: 1e300 }),
    "ttlMs must not exceed the range of the clock; use Infinity for a session that never expires; got 1e+300",
  ],
  [
    "null as metadata",
    () => pit.session("new", { metadata: wrong(null) }),
    "the metadata of a session must be an object; got null",
  ],
])("%s", async (_, call, message) => {
  expect(await failure(call())).toMatchObject({ code: "INVALID_ARGUMENT", message });
  expect(await session.metadata()).toEqual({ turns: 1 });
  expect((await pit.sessions.list()).map(({ id }) => id)).toEqual(["mine", "other"]);
});

test("an error of the function of update() is rethrown", async () => {
  const mine = new Error("mine");
  await expect(session.update(() => Promise.reject(mine))).rejects.toBe(mine);
});

test("a call of one session cannot name another one", async () => {
  const options = wrong({ sessionId: "other" });
  for (const call of [
    () => session.execute("add", {}, options),
    () => session.executeProgram("add", {}, options),
    async () => session.stream("count", {}, options),
  ]) {
    const error = await failure(call());
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toBe(
      'sessionId must be "mine" in a call of session "mine"; got "other"; omit it, or make the call through the other session',
    );
  }
  expect(await session.execute("add", {}, wrong({ sessionId: "mine" }))).toBe("add");
});

test("invalid options of a session's call are rejected like those of any call", async () => {
  for (const [options, shown] of [
    [null, "null"],
    ["5s", '"5s"'],
    [[5], "an array"],
  ]) {
    const { message } = await failure(session.execute("add", {}, wrong(options)));
    expect(message).toContain(`the options of the call must be an object; got ${shown}; `);
  }
});

test("a strict affinity requires a session", async () => {
  for (const affinity of ["strict-fail", "strict-queue"] as const) {
    for (const call of [
      () => pit.execute("add", {}, { affinity }),
      async () => pit.stream("count", {}, { affinity }),
      () => pit.pool().execute("add", {}, { affinity }),
    ]) {
      const error = await failure(call());
      expect(error.code).toBe("INVALID_ARGUMENT");
      expect(error.message).toBe(
        `affinity must be "hint" in a call without a session; got "${affinity}"; make the call with session.execute() or session.stream(), or pass sessionId`,
      );
    }
    expect(await session.execute("add", {}, { affinity })).toBe("add");
  }
  expect(await pit.execute("add", {}, { affinity: "hint" })).toBe("add");
});

test("a watch of an invalid name is rejected immediately, and a watch of a missing variable waits for it", async () => {
  expect(() => session.variables.watch("bad/name")).toThrow(/begin with a letter or digit; got "bad\/name"/);
  expect(() => session.variables.watch([])).toThrow(/must not be empty/);
  await using watch = session.variables.watch("later");
  const change = watch.next();
  await session.variables.register("later", { type: "integer", value: 5 });
  expect((await change).value).toMatchObject({ name: "later", value: 5 });
});
