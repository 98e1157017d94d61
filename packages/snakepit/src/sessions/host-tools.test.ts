import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hostTool, isNdArray, ndarray, python, Snakepit, SnakepitError } from "../index.ts";
import { failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;

let pit: Snakepit;

// One host for all tests, each of which leaves it without calls and global host tools.
beforeAll(async () => {
  const options = { size: 3, logger: false, queueTimeoutMs: "1m" } as const;
  pit = await Snakepit.start({ ...LONG_TIME_LIMITS, ...options, worker: python(TOOLS) });
});
beforeEach(() => pit.ready());
afterEach(async () => {
  await until("nothing runs", () => pit.stats("default").active === 0);
  pit.hostTools.unregister(pit.hostTools.list().map(({ name }) => name));
});
afterAll(() => pit.close());

const CALLERS = ["ask", "ask_async"] as const;
const RELAYING = ["relay", "relay_async"] as const;

describe.each(CALLERS)("a host tool, called by %s", (ask) => {
  test("receives its arguments and returns its value, including arrays and bytes", async () => {
    pit.hostTools.register([hostTool({ name: "mirror", description: "Returns it.", run: ({ value }) => value })]);
    const values = [1, "text", null, { a: [1.5] }, new Uint8Array([1, 2, 3]), new Date(5), 2n ** 80n];
    for (const value of values) {
      expect(await pit.execute(ask, { name: "mirror", args: { value } })).toEqual(value);
    }
    const array = ndarray(new Float64Array(100_000).fill(0.5), [100, 1_000]);
    const back = await pit.execute(ask, { name: "mirror", args: { value: array } });
    expect(isNdArray(back) && [...back.shape]).toEqual([100, 1_000]);
  });

  test("that returns nothing returns None in Python", async () => {
    pit.hostTools.register([
      hostTool({ name: "notes", description: "", run: () => {} }),
      hostTool({ name: "notes_later", description: "", run: async () => {} }),
    ]);
    for (const name of ["notes", "notes_later"]) expect(await pit.execute(ask, { name, args: {} })).toBeNull();
  });

  test("that throws, rejects or returns a value that cannot be sent fails with code, message and details", async () => {
    const boom = new SnakepitError("QUOTA_EXCEEDED", "no more", { details: { left: 0 } });
    pit.hostTools.register([
      hostTool({
        name: "throws",
        description: "",
        run: () => {
          throw new RangeError("too far");
        },
      }),
      hostTool({ name: "rejects", description: "", run: () => Promise.reject(boom) }),
      hostTool({ name: "unsendable", description: "", run: () => ({ f: () => 1 }) }),
    ]);
    const messageOf = async (name: string) => (await failure(pit.execute(ask, { name, args: {} }))).python?.message;
    expect(await messageOf("throws")).toContain("RangeError: too far");
    expect(await messageOf("rejects")).toContain("no more");
    expect(await failure(pit.execute(ask, { name: "rejects", args: {} }))).toMatchObject({
      code: "PYTHON_EXCEPTION",
      details: { code: "QUOTA_EXCEEDED", details: { left: 0 } },
      python: { type: "HostToolError", module: "snakepit_bridge" },
    });
    expect(await messageOf("unsendable")).toContain('host tool "unsendable": result.f: cannot send');
    expect(await messageOf("missing")).toContain('"missing"');
  });

  test("that never returns is cancelled with the call that waits for it", async () => {
    const signals: AbortSignal[] = [];
    pit.hostTools.register([
      hostTool({
        name: "hangs",
        description: "",
        run: (_, { signal }) => {
          signals.push(signal);
          return new Promise(() => {});
        },
      }),
    ]);
    // On a machine under load the deadline may expire before the function is called.
    for (let timeoutMs = 100; signals.length === 0; timeoutMs *= 2) {
      const late = failure(pit.execute(ask, { name: "hangs", args: {} }, { timeoutMs }));
      expect((await late).code).toBe("DEADLINE_EXCEEDED");
    }
    const controller = new AbortController();
    const before = signals.length;
    const given = failure(pit.execute(ask, { name: "hangs", args: {} }, { signal: controller.signal }));
    await until("it is called", () => signals.length > before);
    controller.abort();
    expect((await given).code).toBe("CANCELLED");
    await until("its signal aborts", () => signals.every(({ aborted }) => aborted));
    // The same workers are free again.
    expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3);
    expect(pit.stats("default").workers).toBe(3);
  });

  test("of a session hides the global one, and is removed with the session", async () => {
    const named = (value: string) => hostTool({ name: "which", description: "", run: () => value });
    pit.hostTools.register([named("global")]);
    const session = await pit.session();
    session.hostTools.register([named("session")]);
    const args = { name: "which", args: {} };
    expect(await session.execute(ask, args)).toBe("session");
    expect(await pit.execute(ask, args)).toBe("global");
    await session.close();
    expect(session.hostTools.list().map(({ name }) => name)).toEqual(["which"]);
  });
});

describe("nested calls: Python, TypeScript, Python, TypeScript, Python", () => {
  beforeEach(() => {
    pit.hostTools.register([
      hostTool({
        name: "doubled",
        description: "Has Python double an array.",
        run: ({ array }) => pit.execute("double", { array }),
      }),
      hostTool({
        name: "doubled_twice",
        description: "Has Python ask for that, and double what comes.",
        run: async ({ array }) =>
          pit.execute("double", { array: await pit.execute("ask", { name: "doubled", args: { array } }) }),
      }),
      hostTool({
        name: "numbers",
        description: "Counts.",
        run: async function* ({ to }) {
          for (let number = 0; number < Number(to); number++) yield number;
        },
      }),
      hostTool({
        name: "relayed",
        description: "Has Python relay a stream.",
        run: async function* (args) {
          yield* pit.stream("relay_async", { name: "numbers", args });
        },
      }),
      hostTool({
        name: "held",
        description: "Has Python wait.",
        run: ({ seconds }) => pit.execute("hold", { seconds }, { timeoutMs: Number.POSITIVE_INFINITY }),
      }),
    ]);
  });

  test("carry arrays", async () => {
    const array = new Float64Array([1, 2, 3]);
    const back = await pit.execute("ask", { name: "doubled_twice", args: { array } });
    expect(Array.from(back as Float64Array)).toEqual([4, 8, 12]);
  });

  test.each(RELAYING)("carry streams, %s", async (relay) => {
    const numbers: unknown[] = [];
    for await (const number of pit.stream(relay, { name: "relayed", args: { to: 1_000 } })) numbers.push(number);
    expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  });

  test.each(RELAYING)("end at the source when the reader leaves, %s", async (relay) => {
    let open = 0;
    pit.hostTools.register([
      hostTool({
        name: "endless",
        description: "",
        run: async function* () {
          open += 1;
          try {
            for (let number = 0; ; number++) yield number;
          } finally {
            open -= 1;
          }
        },
      }),
    ]);
    for await (const number of pit.stream(relay, { name: "endless", args: {} })) if (number === 5) break;
    await until("the source is closed", () => open === 0);
    await until("nothing runs", () => pit.stats("default").active === 0);
  });

  test("show the exception of the innermost host tool to every caller", async () => {
    const root = new Error("the shelf is empty");
    const thrown = new RangeError("no shop sells unicorns", { cause: root });
    const asks = (name: string, asked: string) =>
      hostTool({ name, description: "", run: () => pit.execute("ask", { name: asked, args: {} }) });
    pit.hostTools.register([
      hostTool({ name: "innermost", description: "", run: () => Promise.reject(thrown) }),
      asks("middle", "innermost"),
      asks("outer", "middle"),
    ]);
    const innermost = { name: "RangeError", stack: thrown.stack, cause: "the shelf is empty" };
    expect(await pit.execute("failure_of", { name: "innermost", args: {} })).toEqual({
      ...innermost,
      code: "HOST_TOOL_EXCEPTION",
      message: 'host tool "innermost" threw RangeError: no shop sells unicorns',
      python: null,
    });
    expect(await pit.execute("failure_of", { name: "outer", args: {} })).toMatchObject({
      ...innermost,
      code: "PYTHON_EXCEPTION",
      message: expect.stringContaining("no shop sells unicorns"),
      python: "HostToolError",
    });
    const error = await failure(pit.execute("ask", { name: "outer", args: {} }));
    expect(error).toMatchObject({
      code: "PYTHON_EXCEPTION",
      hostException: {
        name: "RangeError",
        message: thrown.message,
        stack: thrown.stack,
        cause: { message: root.message },
      },
    });
    const chain: unknown[] = [];
    for (let each: unknown = error; each instanceof Error; each = each.cause) chain.push(each);
    expect(chain).toMatchObject([
      { python: { type: "HostToolError" } },
      { python: { type: "HostToolError" } },
      { python: { type: "HostToolError" } },
      { name: "RangeError", message: thrown.message, stack: thrown.stack },
      { name: "Error", message: root.message, stack: root.stack },
    ]);
  });

  test("show the exception of the innermost Python tool to every caller", async () => {
    pit.hostTools.register([
      hostTool({ name: "divides", description: "", run: () => pit.execute("add", { a: "x", b: 1 }) }),
      hostTool({ name: "reads", description: "", run: () => pit.execute("read", { name: "missing" }) }),
    ]);
    await using session = await pit.session();
    const error = await failure(session.execute("ask", { name: "reads", args: {} }));
    expect(error).toMatchObject({ python: { type: "HostToolError", cause: { type: "UnknownVariableError" } } });
    expect(error.cause).toMatchObject({ python: { type: "UnknownVariableError" } });
    expect(error.hostException).toBeUndefined();
    expect(await session.execute("failure_of", { name: "divides", args: {} })).toMatchObject({
      code: "INVALID_ARGUMENT",
      name: null,
      stack: null,
    });
  });

  test("are cancelled from the outside in", async () => {
    const controller = new AbortController();
    const begun = new Promise<void>((resolve) => {
      pit.on("worker.log", ({ message }) => message === "started" && resolve());
    });
    const call = failure(
      pit.execute("ask", { name: "held", args: { seconds: 60 } }, { signal: controller.signal, timeoutMs: "1m" }),
    );
    await begun;
    controller.abort();
    expect((await call).code).toBe("CANCELLED");
    await until("the innermost call has ended, too", () => pit.stats("default").active === 0);
  });

  test("share one deadline", async () => {
    const call = failure(pit.execute("ask", { name: "held", args: { seconds: 60 } }, { timeoutMs: 200 }));
    expect((await call).code).toBe("DEADLINE_EXCEEDED");
    await until("the innermost call has ended, too", () => pit.stats("default").active === 0);
  });

  test("that cross to another host share the deadline, but leave the session, which it does not know", async () => {
    await using other = await Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1, logger: false });
    pit.hostTools.register([
      hostTool({ name: "elsewhere", description: "Adds elsewhere.", run: () => other.execute("add", { a: 1, b: 2 }) }),
      hostTool({
        name: "hold_elsewhere",
        description: "Waits elsewhere.",
        run: () => other.execute("hold", { seconds: 60 }, { timeoutMs: "1m" }),
      }),
    ]);
    const session = await pit.session("s");
    expect(await session.execute("ask", { name: "elsewhere", args: {} })).toBe(3);
    const late = failure(session.execute("ask", { name: "hold_elsewhere", args: {} }, { timeoutMs: 300 }));
    expect((await late).code).toBe("DEADLINE_EXCEEDED");
    expect(await other.execute("add", { a: 2, b: 2 })).toBe(4);
  });

  test("stay in the session and have the correlation ID of their caller", async () => {
    const contexts: (string | undefined)[] = [];
    pit.hostTools.register([
      hostTool({
        name: "outer",
        description: "",
        run: (_, { sessionId }) => {
          contexts.push(sessionId);
          return pit.execute("ask", { name: "inner", args: {} });
        },
      }),
      hostTool({
        name: "inner",
        description: "",
        run: (_, { sessionId, lineage }) => {
          contexts.push(sessionId);
          return [lineage?.tool, lineage?.parent?.tool];
        },
      }),
    ]);
    await using session = await pit.session("s");
    expect(await session.execute("ask_async", { name: "outer", args: {} })).toEqual(["ask", "ask_async"]);
    expect(contexts).toEqual(["s", "s"]);
  });
});

describe("a deadlock", () => {
  const callingBack = () =>
    hostTool({
      name: "again",
      description: "Calls its caller.",
      run: (args) => pit.execute("ask", { name: "again", args }),
    });

  test("fails with an error that names its calls, and frees all workers", async () => {
    pit.hostTools.register([callingBack()]);
    const error = await failure(pit.execute("ask", { name: "again", args: {} }, { timeoutMs: "50s" }));
    expect(error.message).toContain("ask → ask → ask");
    expect(error.message).toContain("increase the size of the pool");
    await until("nothing runs", () => pit.stats("default").active === 0);
  });

  test("of several callers is broken", async () => {
    pit.hostTools.register([callingBack()]);
    const calls = Array.from({ length: 5 }, () => failure(pit.execute("ask", { name: "again", args: {} })));
    for (const error of await Promise.all(calls)) expect(error.message).toContain("increase the size of the pool");
    expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3);
  });

  test("is not reported for calls that only wait in the queue", async () => {
    pit.hostTools.register([
      hostTool({ name: "sum", description: "", run: ({ a, b }) => pit.execute("add", { a, b }) }),
      hostTool({ name: "slow", description: "", run: () => sleep(300, "slept") }),
    ]);
    const slow = [pit.execute("ask", { name: "slow", args: {} }), pit.execute("ask", { name: "slow", args: {} })];
    const sums = Array.from({ length: 20 }, (_, a) => pit.execute("ask", { name: "sum", args: { a, b: 1 } }));
    // Once all three workers execute a call that waits for a sum, one of these calls must fail, and no other one.
    for (const [a, settled] of (await Promise.allSettled(sums)).entries()) {
      if (settled.status === "fulfilled") expect(settled.value).toBe(a + 1);
      else expect(String(settled.reason)).toContain("increase the size of the pool");
    }
    expect(await Promise.all(slow)).toEqual(["slept", "slept"]);
  });
});
