import { getEventListeners, once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { deadlineIn, SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callAlone, encodeJson, hostToolCall, rejectionOf } from "../testing/host-tool-calls.ts";
import { callHostTool } from "./call-host-tool.ts";
import { currentCallScope } from "./call-scope.ts";
import { type HostToolContext, hostTool } from "./host-tool.ts";
import { HostToolRegistry } from "./host-tool-registry.ts";

const tool = { name: "tool", description: "" };

describe("a host tool", () => {
  it.each([
    ["a value", () => 42],
    ["a promise", () => Promise.resolve(42)],
    ["an async function", async () => 42],
    // biome-ignore lint/suspicious/noThenProperty: a thenable is under test.
    ["a thenable", () => ({ then: (resolve: (value: number) => void) => resolve(42) })],
  ])("returns the result of its function: %s", async (_, run) => {
    expect(await callAlone(hostTool({ ...tool, run }))).toBe(42);
  });

  it("receives its arguments, or an empty object", async () => {
    const echo = hostTool({ ...tool, run: (args) => args });
    expect(await callAlone(echo, { a: 1 })).toEqual({ a: 1 });
    expect(await callAlone(echo, null)).toEqual({});
  });

  it("is called with its definition as this", async () => {
    class Greeter {
      readonly name = "greet";
      readonly description = "";
      readonly greeting = "hello";
      run(): string {
        return this.greeting;
      }
    }
    expect(await callAlone(new Greeter())).toBe("hello");
  });

  it("receives the context of the requesting call", async () => {
    const seen: HostToolContext[] = [];
    const curious = hostTool({ ...tool, run: (_, context) => void seen.push(context) });
    const call = hostToolCall("tool", {}, { sessionId: "s-1", deadline: deadlineIn(60_000) });
    await callAlone(curious, {}, call);
    const { sessionId, pool, workerId, correlationId, lineage, deadline } = call;
    expect(seen[0]).toMatchObject({ tool: "tool", sessionId, pool, workerId, correlationId, lineage, deadline });
    expect(seen[0]?.remainingMs).toBeLessThanOrEqual(60_000);
    expect(seen[0]?.signal.aborted).toBe(false);
  });

  it("that is unknown is rejected with the most similar exposed name", async () => {
    const registry = new HostToolRegistry();
    const run = () => 1;
    registry.register([
      { ...tool, name: "parse_json", run },
      { ...tool, name: "parse_yaml", run },
      { ...tool, name: "prase_json", exposedToPython: false, run },
    ]);
    const error = await rejectionOf(callHostTool(registry, hostToolCall("prase_json"), encodeJson));
    expect(error).toMatchObject({ code: "UNKNOWN_TOOL", details: { available: ["parse_json", "parse_yaml"] } });
    expect(error.message).toBe(
      'this host has no tool "prase_json"; did you mean "parse_json"? available tools: parse_json, parse_yaml',
    );
  });

  it("that yields chunks is not called for one value", async () => {
    const error = await rejectionOf(callAlone(hostTool({ ...tool, *run() {} })));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: 'host tool "tool" yields chunks; use stream()' });
  });

  it("whose result cannot be sent is rejected with the path", async () => {
    const error = await rejectionOf(callAlone(hostTool({ ...tool, run: () => ({ model: new Map() }) })));
    expect(error).toMatchObject({
      code: "SERIALIZATION",
      message: 'host tool "tool": result.model is a map with keys of any type',
    });
  });
});

describe("an error thrown by a host tool", () => {
  it("becomes HOST_TOOL_EXCEPTION with name, message and stack, and with the original error as the cause", async () => {
    const root = new Error("root");
    const thrown = new TypeError("x is not a function", { cause: root });
    const sync = hostTool({
      ...tool,
      run() {
        throw thrown;
      },
    });
    for (const run of [sync, hostTool({ ...tool, run: () => Promise.reject(thrown) })]) {
      const error = await rejectionOf(callAlone(run));
      expect(error).toMatchObject({
        code: "HOST_TOOL_EXCEPTION",
        cause: thrown,
        details: { tool: "tool", name: "TypeError" },
        hostException: {
          name: "TypeError",
          message: "x is not a function",
          stack: thrown.stack,
          cause: { name: "Error", message: "root", stack: root.stack },
        },
      });
      expect(error.message).toBe('host tool "tool" threw TypeError: x is not a function');
    }
  });

  it("keeps the error code of a failed operation of Node.js", async () => {
    const failed = Object.assign(new Error("no such file"), { code: "ENOENT" });
    const error = await rejectionOf(callAlone(hostTool({ ...tool, run: () => Promise.reject(failed) })));
    expect(error.details).toEqual({ tool: "tool", name: "Error", code: "ENOENT" });
  });

  it("is unchanged if it is a SnakepitError", async () => {
    const thrown = new SnakepitError("QUOTA_EXCEEDED", "enough", { details: { limit: 3 } });
    expect(await rejectionOf(callAlone(hostTool({ ...tool, run: () => Promise.reject(thrown) })))).toBe(thrown);
  });

  it.each([
    ["a string", "a string"],
    [undefined, "undefined"],
    [Object.create(null), "an object without properties"],
  ])("may be any value: %j", async (thrown, message) => {
    const error = await rejectionOf(callAlone(hostTool({ ...tool, run: () => Promise.reject(thrown) })));
    expect(error).toMatchObject({ code: "HOST_TOOL_EXCEPTION", message: `host tool "tool" threw ${message}` });
    expect(error.hostException).toBeUndefined();
  });
});

describe("a call of a host tool that never returns", () => {
  const never = hostTool({ ...tool, run: () => new Promise(() => {}) });

  it("is cancelled with its signal", async () => {
    const controller = new AbortController();
    const reason = new Error("gone");
    const call = rejectionOf(callAlone(never, {}, { signal: controller.signal }));
    controller.abort(reason);
    expect(await call).toMatchObject({ code: "CANCELLED", cause: reason, details: { tool: "tool" } });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("does not start when its signal has aborted", async () => {
    const run = vi.fn();
    const error = await rejectionOf(callAlone({ ...tool, run }, {}, { signal: AbortSignal.abort() }));
    expect(error.code).toBe("CANCELLED");
    expect(run).not.toHaveBeenCalled();
  });

  it("does not start when its deadline has passed", async () => {
    const run = vi.fn();
    const error = await rejectionOf(callAlone({ ...tool, run }, {}, { deadline: deadlineIn(-1) }));
    expect(error.code).toBe("DEADLINE_EXCEEDED");
    expect(run).not.toHaveBeenCalled();
  });

  describe("at its deadline", () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] }));
    afterEach(() => void vi.useRealTimers());

    it("fails, and the signal of the tool aborts", async () => {
      const reasons: unknown[] = [];
      const patient = hostTool({
        ...tool,
        run: (_, { signal }) =>
          new Promise(() => signal.addEventListener("abort", () => reasons.push(signal.reason), { once: true })),
      });
      const call = rejectionOf(callAlone(patient, {}, { deadline: deadlineIn(1_000) }));
      await vi.advanceTimersByTimeAsync(999);
      expect(reasons).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      const error = await call;
      expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", details: { tool: "tool" } });
      expect(reasons).toEqual([error]);
      expect(vi.getTimerCount()).toBe(0);
    });

    it("can be later than the longest timer of Node.js", async () => {
      const thirtyDays = 30 * 86_400_000;
      const settled = vi.fn();
      const call = rejectionOf(callAlone(never, {}, { deadline: deadlineIn(thirtyDays) }));
      void call.then(settled);
      await vi.advanceTimersByTimeAsync(thirtyDays - 1);
      expect(settled).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(await call).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    });

    it("fails a function that blocked the thread for longer", async () => {
      const slow = hostTool({ ...tool, run: () => void vi.advanceTimersByTime(2_000) });
      const error = await rejectionOf(callAlone(slow, {}, { deadline: deadlineIn(1_000) }));
      expect(error.code).toBe("DEADLINE_EXCEEDED");
    });

    it("leaves no timer behind when the tool has answered", async () => {
      await callAlone(hostTool({ ...tool, run: async () => 1 }), {}, { deadline: deadlineIn(1_000) });
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  it("does not wait for a check of the arguments that never ends", async () => {
    const controller = new AbortController();
    const parameters = {
      "~standard": { version: 1, vendor: "test", validate: () => new Promise<never>(() => {}) },
    } as const;
    const call = rejectionOf(
      callAlone(hostTool({ ...tool, parameters, run: () => 1 }), {}, { signal: controller.signal }),
    );
    controller.abort();
    expect((await call).code).toBe("CANCELLED");
  });

  it("causes no unhandled rejection when it fails later", async () => {
    const controller = new AbortController();
    const { promise, reject } = Promise.withResolvers<never>();
    const unhandled = vi.fn();
    process.once("unhandledRejection", unhandled);
    const call = rejectionOf(callAlone(hostTool({ ...tool, run: () => promise }), {}, { signal: controller.signal }));
    controller.abort();
    await call;
    reject(new Error("too late"));
    await setImmediate();
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe("a nested call of a host tool", () => {
  it("inherits session, deadline, lineage and cancellation, also after an await", async () => {
    const call = hostToolCall("tool", {}, { sessionId: "s-1", deadline: deadlineIn(60_000) });
    const scopes: unknown[] = [];
    const signals: unknown[] = [];
    const curious = hostTool({
      ...tool,
      async run(_, { signal }) {
        scopes.push(currentCallScope());
        await setImmediate();
        scopes.push(currentCallScope());
        signals.push(signal, currentCallScope()?.signal);
      },
    });
    await callAlone(curious, {}, call);
    const { sessionId, deadline, lineage } = call;
    expect(scopes).toHaveLength(2);
    for (const scope of scopes) expect(scope).toMatchObject({ sessionId, deadline, lineage });
    expect(signals[0]).toBe(signals[1]);
    expect(currentCallScope()).toBeUndefined();
  });

  it("inherits nothing once the tool has answered", async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    let later: Promise<unknown> | undefined;
    const careless = hostTool({
      ...tool,
      run() {
        expect(currentCallScope()).toBeDefined();
        later = answered.then(() => currentCallScope());
      },
    });
    await callAlone(careless);
    answer();
    expect(await later).toBeUndefined();
  });

  it("is cancelled with its tool, even if it starts afterwards", async () => {
    const controller = new AbortController();
    const { promise: begun, resolve: begin } = Promise.withResolvers<AbortSignal>();
    let later: Promise<unknown> | undefined;
    const caller = hostTool({
      ...tool,
      run() {
        const signal = currentCallScope()!.signal;
        later = once(signal, "abort").then(() => currentCallScope()?.signal.aborted);
        begin(signal);
        return later;
      },
    });
    const call = rejectionOf(callAlone(caller, {}, { signal: controller.signal }));
    expect((await begun).aborted).toBe(false);
    controller.abort();
    expect((await call).code).toBe("CANCELLED");
    expect((await begun).reason).toMatchObject({ code: "CANCELLED" });
    expect(await later).toBe(true);
  });
});
