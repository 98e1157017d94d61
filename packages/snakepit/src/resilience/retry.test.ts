import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SnakepitError, type SnakepitEvents } from "@snakepit/core";
import type { FakeCall } from "@snakepit/pool/testing/fake-call";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { answering, commonOptions, failure, fakeWorkers, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { retryDelayMs } from "./retrier.ts";

const TOOLS = new URL("../testing/resilience_tools.py", import.meta.url);
const common = commonOptions();
const QUICK = { initialMs: 0, maxMs: 0 } as const;

describe("a call whose worker dies", () => {
  let pit: Snakepit;
  let directory: string;
  let journal: string;
  let count = 0;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-retry-"));
    const tools = { crash_until: { idempotent: false } } as const;
    const retry = { attempts: 3, ...QUICK } as const;
    pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 2, retry, tools });
  });
  afterAll(async () => {
    await pit.close();
    rmSync(directory, { recursive: true });
  });
  beforeEach(() => {
    count += 1;
    journal = join(directory, `journal-${count}`);
  });
  const executions = () => readFileSync(journal, "utf8").split("\n").length - 1;

  test("is executed again if the call is idempotent, and its events name each attempt", async () => {
    const retried: SnakepitEvents["call.retried"][] = [];
    const unsubscribe = pit.on("call.retried", (event) => retried.push(event));
    expect(await pit.execute("crash_until", { journal, executions: 3 }, { idempotent: true })).toBe(3);
    unsubscribe();
    expect(executions()).toBe(3);
    expect(retried).toMatchObject([
      { pool: "default", tool: "crash_until", attempt: 2, delayMs: 0, error: { code: expect.stringMatching(CRASH) } },
      { attempt: 3, correlationId: retried[0]?.correlationId },
    ]);
  });

  test("is executed again if the tool is idempotent, also in a map()", async () => {
    expect(await pit.execute("repeatable", { journal, executions: 2 })).toBe(2);
    expect(await pit.map("repeatable", [{ journal, executions: 4 }])).toEqual([4]);
    expect(executions()).toBe(4);
  });

  test("is executed again in a map() with the option idempotent", async () => {
    expect(await pit.map("crash_until", [{ journal, executions: 2 }], { idempotent: true })).toEqual([2]);
    expect(executions()).toBe(2);
  });

  test("is executed once otherwise, and the option of the call takes precedence", async () => {
    expect((await failure(pit.execute("crash_until", { journal, executions: 2 }))).code).toMatch(CRASH);
    expect(executions()).toBe(1);
    const error = await failure(pit.execute("repeatable", { journal, executions: 3 }, { idempotent: false }));
    expect(error.code).toMatch(CRASH);
    expect(error.details["attempts"]).toBeUndefined();
    expect(executions()).toBe(2);
  });

  test("is a stream: it is executed once, and the option is rejected", async () => {
    expect((await failure(pit.stream("stream_and_crash", { journal }).next())).code).toMatch(CRASH);
    expect(executions()).toBe(1);
    expect(() => pit.stream("stream_and_crash", { journal }, { idempotent: true } as never)).toThrow(
      "idempotent is not an option of stream(); streams are never repeated, so omit it",
    );
  });

  test("raises an exception: it is executed once", async () => {
    const error = await failure(pit.execute("raise_until", { journal, executions: 2 }, { idempotent: true }));
    expect(error).toMatchObject({ code: "PYTHON_EXCEPTION", python: { message: "execution 1" } });
    expect(executions()).toBe(1);
  });
});

const CRASH = /^(WORKER_CRASHED|OUT_OF_MEMORY)$/;

describe("retries", () => {
  const crashed = () => new SnakepitError("WORKER_CRASHED", "the worker died");
  const hung = () => new SnakepitError("WORKER_HUNG", "the worker hung");

  /** Returns a host whose workers fail every call of `add` with an error. */
  const failing = async (run: (call: FakeCall) => void, retry: object = { attempts: 3, ...QUICK }) =>
    await Snakepit.start({ ...common(), worker: fakeWorkers(answering(run)), size: 1, retry });

  test("end with the error of the last attempt, with their number and the earlier errors", async () => {
    let made = 0;
    await using pit = await failing((call) => {
      made += 1;
      call.fail(new SnakepitError("WORKER_HUNG", `attempt ${made} hung`, { workerId: `w-${made}` }));
    });
    const error = await failure(pit.execute("add", {}, { idempotent: true }));
    expect(error).toMatchObject({
      code: "WORKER_HUNG",
      message: "attempt 3 hung (after 3 attempts)",
      retryable: true,
      workerId: "w-3",
      pool: "default",
      callId: expect.any(String),
      details: {
        attempts: 3,
        earlier: [
          { code: "WORKER_HUNG", message: "attempt 1 hung", workerId: "w-1" },
          { code: "WORKER_HUNG", message: "attempt 2 hung", workerId: "w-2" },
        ],
      },
    });
    expect(error.stack).toContain("retry.test.ts");
  });

  test.each(["POOL_SATURATED", "QUEUE_TIMEOUT", "DEADLINE_EXCEEDED", "OUT_OF_MEMORY", "PYTHON_EXCEPTION"] as const)(
    "are not made after %s",
    async (code) => {
      let made = 0;
      await using pit = await failing((call) => {
        made += 1;
        call.fail(new SnakepitError(code, "no"));
      });
      expect(await failure(pit.execute("add", {}, { idempotent: true }))).toMatchObject({ code, message: "no" });
      expect(made).toBe(1);
    },
  );

  test("are not made for an error that is not retryable in spite of its code", async () => {
    let made = 0;
    await using pit = await failing((call) => {
      made += 1;
      call.fail(new SnakepitError("WORKER_CRASHED", "no", { retryable: false }));
    });
    await failure(pit.execute("add", {}, { idempotent: true }));
    expect(made).toBe(1);
  });

  test("are not made if they would begin after the deadline", async () => {
    let made = 0;
    const retry = { initialMs: "1h", maxMs: "1h", jitter: 0 };
    await using pit = await failing((call) => {
      made += 1;
      call.fail(hung());
    }, retry);
    const error = await failure(pit.execute("add", {}, { idempotent: true, timeoutMs: "59m" }));
    expect(error).toMatchObject({ code: "WORKER_HUNG", message: "the worker hung" });
    expect(made).toBe(1);
  });

  test("begin at once after the first crash, and with delays from initialMs after further ones", async () => {
    const retry = { attempts: 4, initialMs: 8, maxMs: 1_000, jitter: 0 };
    await using pit = await failing((call) => call.fail(crashed()), retry);
    const delays: number[] = [];
    pit.on("call.retried", ({ delayMs }) => delays.push(delayMs));
    const error = await failure(pit.execute("add", {}, { idempotent: true }));
    expect(error).toMatchObject({ code: "WORKER_CRASHED", details: { attempts: 4 } });
    expect(delays).toEqual([0, 8, 16]);
  });

  test("begin at once although the delay would end after the deadline", async () => {
    let made = 0;
    const run = (call: FakeCall) => {
      made += 1;
      if (made === 1) call.fail(crashed());
      else call.value(made);
    };
    await using pit = await failing(run, { initialMs: "1h", maxMs: "1h" });
    expect(await pit.execute("add", {}, { idempotent: true, timeoutMs: "59m" })).toBe(2);
  });

  test("have a delay after a worker that hung, also when another one crashes then", async () => {
    let made = 0;
    const retry = { initialMs: 8, maxMs: 1_000, jitter: 0 };
    await using pit = await failing((call) => {
      made += 1;
      call.fail(made === 1 ? hung() : crashed());
    }, retry);
    const delays: number[] = [];
    pit.on("call.retried", ({ delayMs }) => delays.push(delayMs));
    await failure(pit.execute("add", {}, { idempotent: true }));
    expect(delays).toEqual([8, 16]);
  });

  test("end at once when the signal aborts during a delay", async () => {
    const retry = { initialMs: "1h", maxMs: "1h" };
    await using pit = await failing((call) => call.fail(hung()), retry);
    const abort = new AbortController();
    pit.on("call.retried", () => queueMicrotask(() => abort.abort("enough")));
    const options = { idempotent: true, timeoutMs: Number.POSITIVE_INFINITY, signal: abort.signal };
    const error = await failure(pit.execute("add", {}, options));
    expect(error).toMatchObject({ code: "CANCELLED", cause: "enough", details: { attempts: 2 } });
  });

  test("end at once when the host closes during a delay", async () => {
    const retry = { initialMs: "1h", maxMs: "1h" };
    await using pit = await failing((call) => call.fail(hung()), retry);
    const closing = new Promise((resolve) => pit.on("call.retried", () => setImmediate(() => resolve(pit.close()))));
    const options = { idempotent: true, timeoutMs: Number.POSITIVE_INFINITY };
    expect(await failure(pit.execute("add", {}, options))).toMatchObject({ code: "SHUTTING_DOWN" });
    await closing;
  });

  test("are switched off by one attempt", async () => {
    let made = 0;
    await using pit = await failing(
      (call) => {
        made += 1;
        call.fail(crashed());
      },
      { attempts: 1 },
    );
    await failure(pit.execute("add", {}, { idempotent: true }));
    expect(made).toBe(1);
  });

  test("require an option that is true or false", async () => {
    await using pit = await failing((call) => call.value(1));
    const error = await failure(pit.execute("add", {}, { idempotent: "yes" } as never));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: 'idempotent must be true or false; got "yes"' });
  });
});

test("the delay doubles up to its maximum, and the jitter is the random part of it", () => {
  const settings = { attempts: 9, initialMs: 100, maxMs: 1_000, jitter: 0.5 };
  expect([1, 2, 3, 4, 5, 6].map((failed) => retryDelayMs(failed, settings, 0))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
  expect(retryDelayMs(2, settings, 1)).toBe(100);
  expect(retryDelayMs(2, { ...settings, jitter: 1 }, 1)).toBe(0);
  expect(retryDelayMs(100, settings, 0.5)).toBe(750);
});
