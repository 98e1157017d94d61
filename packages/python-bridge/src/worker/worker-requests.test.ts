import { encodeValue } from "@snakepit/bridge-proto";
import { deadlineIn, SnakepitError, type WorkerCall, type WorkerHandle, type WorkerLauncher } from "@snakepit/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CallRecorder } from "../testing/call-recorder.ts";
import { callTool, launchAll } from "../testing/launching.ts";
import { LaunchingHost } from "../testing/launching-host.ts";
import { aborted, ScriptedRequests } from "../testing/scripted-requests.ts";

const ASKING = new URL("../testing/asking_tools.py", import.meta.url);
const ONE = ["ask", "ask_later", "ask_in_thread"];

describe.each(["socket", "grpc"] as const)("requests of workers over the %s transport", (transport) => {
  const requests = new ScriptedRequests();
  let host: LaunchingHost;
  let launcher: WorkerLauncher;
  let worker: WorkerHandle;
  let other: WorkerHandle;

  // The workers of each test are forks of one zygote.
  beforeAll(async () => {
    host = new LaunchingHost(requests);
    launcher = await host.launcher(ASKING, { transport });
  });

  beforeEach(async () => {
    requests.reset();
    requests.answer = ({ payload }) => payload;
    [worker, other] = (await launchAll(launcher, "w1", "w2")) as [WorkerHandle, WorkerHandle];
  });

  afterEach(() => Promise.all([worker.stop(), other.stop()]));

  afterAll(() => host[Symbol.asyncDispose]());

  function begin(tool: string, args: Record<string, unknown>, overrides: Partial<WorkerCall> = {}) {
    const recorder = new CallRecorder();
    const call: WorkerCall = {
      tool,
      args: encodeValue(args),
      streaming: false,
      credit: 0,
      deadline: deadlineIn(120_000),
      correlationId: "c-1",
      ...overrides,
    };
    return { call, recorder, dispatched: worker.dispatch(call, recorder) };
  }

  it.each(ONE)(
    "%s: get a result, with arrays in both directions, and have the identity of their call",
    async (tool) => {
      const array = Float64Array.from({ length: 50_000 }, (_, i) => i / 3);
      const parent = { correlationId: "c-0", pool: "outer", tool: "above", parent: undefined };
      const { call, recorder } = begin(tool, { method: "echo", payload: { array } }, { sessionId: "s-1", parent });
      expect(await recorder.over).toMatchObject({ is: "value", value: { array } });
      expect(requests.received[0]).toMatchObject({
        method: "echo",
        pool: "tests",
        workerId: "w1",
        deadline: call.deadline,
        call: {
          tool,
          correlationId: "c-1",
          sessionId: "s-1",
          lineage: { correlationId: "c-1", pool: "tests", tool, parent },
        },
      });
    },
  );

  it.each(ONE)("%s: get an error with its code and details", async (tool) => {
    requests.answer = () => {
      throw new SnakepitError("QUOTA_EXCEEDED", "too many", { details: { limit: 3 } });
    };
    expect(await callTool(worker, tool, { method: "programs.store" })).toEqual([
      "QUOTA_EXCEEDED",
      "too many",
      { limit: 3 },
    ]);
  });

  it.each(ONE)("%s: are cancelled with their call, and the host is notified", async (tool) => {
    requests.answer = () => new Promise(() => {});
    const { dispatched, recorder } = begin(tool, { method: "never" });
    const { signal } = await requests.request(0);
    dispatched.cancel("deadline");
    await aborted(signal);
    expect(await recorder.over).toMatchObject({ error: { code: "DEADLINE_EXCEEDED" } });
    requests.answer = () => "the next one";
    expect(await callTool(worker, tool, { method: "next" })).toBe("the next one");
  });

  it("are not answered after the call was cancelled", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    requests.answer = () => promise;
    const { dispatched, recorder } = begin("ask", { method: "slow" });
    await requests.request(0);
    dispatched.cancel("cancelled");
    resolve("late");
    expect(await recorder.over).toMatchObject({ error: { code: "CANCELLED" } });
    requests.answer = () => "the next one";
    expect(await callTool(worker, "ask", { method: "next" })).toBe("the next one");
  });

  it("are limited in number", async () => {
    expect(await callTool(worker, "ask_at_once", { count: 1_000 })).toBe(499_500);
    const held = Promise.withResolvers<void>();
    requests.answer = ({ payload }) => held.promise.then(() => payload);
    const { recorder } = begin("ask_at_once", { count: 1_100 });
    await requests.request(1_000 + 1_023);
    const outcome = await recorder.over;
    expect(outcome).toMatchObject({ error: { code: "PYTHON_EXCEPTION", message: expect.stringContaining("1024") } });
    held.resolve();
    expect(await callTool(worker, "ask", { method: "echo", payload: 1 })).toBe(1);
  });

  it("may call a tool of another worker, which makes requests too", async () => {
    requests.answer = async ({ method, payload, workerId }) =>
      method === "deeper"
        ? ["host", workerId, await callTool(other, "ask", { method: "deepest", payload })]
        : ["host", workerId, payload];
    expect(await callTool(worker, "ask", { method: "deeper", payload: "x" })).toEqual([
      "host",
      "w1",
      ["host", "w2", "x"],
    ]);
  });

  it("are cancelled when their call ends while a thread waits for them", async () => {
    const waiting = Promise.withResolvers<AbortSignal>();
    requests.answer = async ({ method, signal }) => {
      if (method === "sent") return void (await waiting.promise);
      waiting.resolve(signal);
      return new Promise(() => {});
    };
    await callTool(worker, "leave_a_thread", { method: "never" });
    await aborted(await waiting.promise);
    expect(await callTool(worker, "collect", { payload: 0, limit: 1 })).toEqual([]);
  });

  it.each([
    ["dies", () => process.kill(worker.pid, "SIGKILL")],
    ["is stopped", () => worker.stop()],
  ])("are cancelled when the worker %s", async (_, end) => {
    requests.answer = () => new Promise(() => {});
    const { recorder } = begin("ask", { method: "never" });
    const { signal } = await requests.request(0);
    end();
    await aborted(signal);
    expect(await recorder.over).toMatchObject({ is: "lost" });
  });

  describe("for streams", () => {
    let produced: number;

    beforeEach(() => {
      produced = 0;
    });

    async function* count(to: number): AsyncGenerator<number> {
      while (produced < to) yield produced++;
    }

    it.each(["collect", "collect_later"])("%s: close the iterator when no more values are needed", async (tool) => {
      const closed = Promise.withResolvers<void>();
      requests.produce = async function* ({ payload }) {
        try {
          yield* count(payload as number);
        } finally {
          closed.resolve();
        }
      };
      expect(await callTool(worker, tool, { payload: 1_000_000, limit: 100 })).toEqual(
        Array.from({ length: 100 }, (_, i) => i),
      );
      await closed.promise;
      expect(produced).toBeLessThan(100 + 256);
    });

    it("never buffer more values than the credit that was granted", async () => {
      let furthest = 0;
      requests.produce = ({ payload }) => count(payload as number);
      requests.answer = ({ payload }) => {
        furthest = Math.max(furthest, produced - (payload as number));
      };
      expect(await callTool(worker, "consume_slowly", { count: 100_000 })).toBe(4_999_950_000);
      expect(furthest).toBeGreaterThan(0);
      expect(furthest).toBeLessThanOrEqual(257);
    });
  });
});
