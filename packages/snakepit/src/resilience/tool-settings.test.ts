import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { answering, commonOptions, failure, fakeWorkers, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";

const TOOLS = new URL("../testing/resilience_tools.py", import.meta.url);
const common = commonOptions();

describe("the settings of a tool in Python", () => {
  let pit: Snakepit;
  beforeAll(async () => {
    const tools = {
      plain: { timeoutMs: "5m", maxConcurrent: 2 },
      limited: { maxConcurrent: 7 },
      limited_stream: { timeoutMs: 150 },
      unlimited: { idempotent: true },
    } as const;
    pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1, tools });
  });
  afterAll(() => pit.close());

  const settingsOf = (name: string) => {
    const { timeoutMs, idempotent, maxConcurrent } = pit.tools().find((tool) => tool.name === name) ?? {};
    return { timeoutMs, idempotent, maxConcurrent };
  };

  test("are shown by tools(), where those of the host take precedence", () => {
    expect(settingsOf("limited")).toEqual({ timeoutMs: 200, idempotent: true, maxConcurrent: 7 });
    expect(settingsOf("limited_stream")).toEqual({ timeoutMs: 150, idempotent: undefined, maxConcurrent: undefined });
    expect(settingsOf("plain")).toEqual({ timeoutMs: 300_000, idempotent: undefined, maxConcurrent: 2 });
    const unlimited = { timeoutMs: Number.POSITIVE_INFINITY, idempotent: true, maxConcurrent: undefined };
    expect(settingsOf("unlimited")).toEqual(unlimited);
    expect(settingsOf("segfault")).toEqual({ timeoutMs: undefined, idempotent: undefined, maxConcurrent: undefined });
  });

  test("limit the time of a call, of a stream and of the calls of a map()", async () => {
    for (const call of [
      async () => await pit.execute("limited", { seconds: 60 }),
      async () => await pit.map("limited", [{ seconds: 60 }]),
      async () => await pit.stream("limited_stream", { seconds: 60 }).next(),
    ]) {
      expect(await failure(call())).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    }
  });

  test("may be no limit", async () => {
    expect(await pit.execute("unlimited")).toBe("done");
  });

  test("yield to the option of a call", async () => {
    expect(await pit.execute("limited", { seconds: 0.3 }, { timeoutMs: "2m" })).toBe("done");
    expect(await pit.stream("limited_stream", { seconds: 0.3 }, { timeoutMs: "2m" }).next()).toMatchObject({
      value: 1,
    });
  });
});

test("a tool of the configuration that the workers do not have fails the start, with the name that was meant", async () => {
  const start = Snakepit.start({ ...common(), worker: python(TOOLS), size: 1, tools: { plan: { timeoutMs: 5 } } });
  expect(await failure(start)).toMatchObject({
    code: "INVALID_CONFIG",
    message: 'the configuration is invalid: tools.plan is not a tool of pool "default"; did you mean `plain`?',
  });
});

test("an unknown tool of a named pool is reported with the path of the pool, and all of them together", async () => {
  const worker = fakeWorkers(answering((call) => call.value(1)));
  const start = Snakepit.start({ ...common(), pools: { ml: { worker, size: 1, tools: { ad: {}, zzzzzz: {} } } } });
  const { message } = await failure(start);
  expect(message).toContain('pools.ml.tools.ad is not a tool of pool "ml"; did you mean `add`?');
  expect(message).toContain('pools.ml.tools.zzzzzz is not a tool of pool "ml"; the tools are add, count');
});

test.each([
  [{ tools: { add: 5 } }, "tools.add must be an object of options; got 5; write for example `tools: {"],
  [{ tools: [] }, "tools must be an object; got an array"],
  [{ tools: { add: { timeoutMs: "soon" } } }, "tools.add.timeoutMs must be a duration"],
  [{ tools: { add: { timeout: 5 } } }, "tools.add.timeout is not an option; did you mean `timeoutMs`?"],
  [{ tools: { add: { idempotent: 1 } } }, "tools.add.idempotent must be true or false; got 1"],
  [{ tools: { add: { maxConcurrent: 0 } } }, "tools.add.maxConcurrent must be an integer from 1 to 1000000; got 0"],
  [{ retry: { attempts: 0 } }, "retry.attempts must be an integer from 1 to 100; got 0"],
  [{ retry: { jitter: 2 } }, "retry.jitter must be a number from 0 to 1; got 2"],
  [{ retry: { initialMs: "1m" } }, "retry.maxMs must be at least initialMs, 60000 ms; got 5000 ms"],
])("the configuration %j is rejected with its path and rule", async (config, message) => {
  const error = await failure(Snakepit.start({ ...common(), worker: fakeWorkers(), size: 1, ...config } as never));
  expect(error.code).toBe("INVALID_CONFIG");
  expect(error.message).toContain(message);
});
