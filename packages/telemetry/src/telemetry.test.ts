import { once } from "node:events";
import { type Instrumentation, noInstrumentation, SnakepitError, type SnakepitEvents } from "@snakepit/core";
import { describe, expect, test } from "vitest";
import { createTelemetry } from "./telemetry.ts";
import { recordingLogger } from "./testing/recording-logger.ts";

const RECOVERED: SnakepitEvents["pool.recovered"] = { pool: "default" };
const fail = () => {
  throw new Error("a getter broke");
};
const CALL = { pool: "default", tool: "add", correlationId: "c-1", streaming: false } as const;

describe("listeners", () => {
  test("receive the events of their name until they unsubscribe", () => {
    const telemetry = createTelemetry({ logger: false });
    const received: string[] = [];
    const unsubscribe = telemetry.on("pool.recovered", ({ pool }) => received.push(pool));
    telemetry.emit("pool.recovered", RECOVERED);
    telemetry.emit("pool.saturated", { pool: "other", queued: 1, limit: 1, available: 0, busy: 1 });
    unsubscribe();
    unsubscribe();
    telemetry.emit("pool.recovered", RECOVERED);
    expect(received).toEqual(["default"]);
  });

  test("a listener that throws affects neither the emitter nor other listeners, and its error is logged once", () => {
    const logger = recordingLogger();
    const telemetry = createTelemetry({ logger });
    let received = 0;
    telemetry.on("worker.starting", () => {
      throw new Error("listener broke");
    });
    telemetry.on("worker.starting", () => {
      received += 1;
    });
    const event = { pool: "default", workerId: "w1", attempt: 1 };
    telemetry.emit("worker.starting", event);
    telemetry.emit("worker.starting", event);
    expect(received).toBe(2);
    const errors = logger.records.filter(({ level }) => level === "error");
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain("a listener for worker.starting failed: listener broke");
  });

  test("a rejected promise of a listener is logged and is not an unhandled rejection", async () => {
    const logger = recordingLogger();
    const telemetry = createTelemetry({ logger });
    telemetry.on("pool.recovered", () => Promise.reject(new Error("listener broke later")));
    telemetry.emit("pool.recovered", RECOVERED);
    await new Promise(setImmediate);
    expect(logger.records.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("listener broke later"),
    );
  });

  test.each([
    ["an object without a string", Object.create(null)],
    ["a symbol", Symbol("broke")],
    ["an error whose message cannot be read", Object.defineProperty(new Error(), "message", { get: fail })],
  ])("a listener that throws %s does not affect the emitter", (_, thrown: unknown) => {
    const logger = recordingLogger();
    const telemetry = createTelemetry({ logger });
    telemetry.on("worker.starting", () => {
      throw thrown;
    });
    telemetry.emit("worker.starting", { pool: "default", workerId: "w1", attempt: 1 });
    expect(logger.records.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  test("a subscription that changes during an event applies to the next event", () => {
    const telemetry = createTelemetry({ logger: false });
    const received: string[] = [];
    const unsubscribe = telemetry.on("pool.recovered", () => {
      received.push("first");
      unsubscribe();
      telemetry.on("pool.recovered", () => received.push("late"));
    });
    telemetry.on("pool.recovered", () => received.push("second"));
    telemetry.emit("pool.recovered", RECOVERED);
    expect(received).toEqual(["first", "second"]);
    telemetry.emit("pool.recovered", RECOVERED);
    expect(received).toEqual(["first", "second", "second", "late"]);
  });
});

describe("a custom instrumentation", () => {
  test("receives all events and traces all calls", () => {
    const calls: unknown[] = [];
    const instrumentation: Instrumentation = {
      emit: (name) => calls.push(name),
      startCall: ({ tool }) => ({
        traceparent: "00-a-b-01",
        dispatched: (workerId) => calls.push(`${tool} to ${workerId}`),
        ended: (error) => calls.push(error?.code ?? "value"),
      }),
    };
    const telemetry = createTelemetry({ logger: false, instrumentation });
    telemetry.emit("pool.recovered", RECOVERED);
    const trace = telemetry.startCall(CALL);
    trace?.dispatched("w1");
    trace?.ended(new SnakepitError("CANCELLED", "gave up"));
    expect(trace?.traceparent).toBe("00-a-b-01");
    expect(calls).toEqual(["pool.recovered", "add to w1", "CANCELLED"]);
  });

  test("an instrumentation that throws affects no call, and its error is logged once", () => {
    const logger = recordingLogger();
    const broken = () => {
      throw new Error("instrumentation broke");
    };
    const instrumentation: Instrumentation = {
      emit: broken,
      startCall: () => ({ traceparent: undefined, dispatched: broken, ended: broken }),
    };
    const telemetry = createTelemetry({ logger, instrumentation });
    telemetry.emit("pool.recovered", RECOVERED);
    const trace = telemetry.startCall(CALL);
    trace?.dispatched("w1");
    trace?.ended();
    expect(logger.records.filter(({ level }) => level === "error")).toHaveLength(1);
  });
});

describe("an instrumentation that fails", () => {
  const broken = () => {
    throw new Error("instrumentation broke");
  };
  const HOST_TOOL = {
    tool: "now",
    pool: "default",
    workerId: "w1",
    correlationId: "c-1",
    streaming: false,
    traceparent: undefined,
  };

  function tracing(trace: object) {
    const logger = recordingLogger();
    const instrumentation = { ...noInstrumentation, startHostTool: () => trace } as unknown as Instrumentation;
    const traced = createTelemetry({ logger, instrumentation }).startHostTool?.(HOST_TOOL);
    return { traced, errors: () => logger.records.filter(({ level }) => level === "error").length };
  }

  test.each([
    ["before", broken],
    [
      "after",
      (work: () => unknown) => {
        work();
        broken();
      },
    ],
    ["without running", () => "another result"],
    [
      "and runs it twice",
      (work: () => unknown) => {
        work();
        work();
        broken();
      },
    ],
  ])("%s a host tool does not affect it: it runs once", (_, run) => {
    const { traced } = tracing({ traceparent: "00-a-b-01", run, ended: broken });
    let runs = 0;
    const work = () => {
      runs += 1;
      return "result";
    };
    expect(traced?.run(work)).toBe("result");
    traced?.ended();
    expect([traced?.traceparent, runs]).toEqual(["00-a-b-01", 1]);
  });

  test("is not blamed for what a host tool throws", () => {
    const { traced, errors } = tracing({ traceparent: 7, run: (work: () => unknown) => work(), ended() {} });
    expect(() => traced?.run(fail)).toThrow("a getter broke");
    expect([traced?.traceparent, errors()]).toEqual([undefined, 0]);
  });

  test("by rejecting promises causes no unhandled rejections", async () => {
    const logger = recordingLogger();
    const rejected = async () => broken();
    const instrumentation: Instrumentation = {
      emit: rejected,
      startCall: () => ({ traceparent: undefined, dispatched: rejected, ended: rejected }),
    };
    const telemetry = createTelemetry({ logger, instrumentation });
    telemetry.emit("pool.recovered", RECOVERED);
    const trace = telemetry.startCall(CALL);
    trace?.dispatched("w1");
    trace?.ended();
    await new Promise(setImmediate);
    expect(logger.records.filter(({ level }) => level === "error")).toHaveLength(1);
  });
});

describe("the logger", () => {
  test("receives log records of workers with their level and source", () => {
    const logger = recordingLogger();
    const telemetry = createTelemetry({ logger });
    telemetry.emit("worker.log", {
      pool: "ml",
      workerId: "ml-1",
      source: "logging",
      level: "warn",
      logger: "app.model",
      message: "slow",
      correlationId: "c-1",
      sessionId: "s-1",
      thread: "loader",
    });
    expect(logger.records).toEqual([
      {
        level: "warn",
        facts: {
          pool: "ml",
          workerId: "ml-1",
          source: "logging",
          logger: "app.model",
          callId: "c-1",
          sessionId: "s-1",
          thread: "loader",
        },
        message: "slow",
      },
    ]);
  });

  test("receives an unexpected exit of a worker as a warning and a requested one as debug", () => {
    const logger = recordingLogger();
    const telemetry = createTelemetry({ logger });
    const exited = { pool: "default", workerId: "w1", pid: 7 };
    telemetry.emit("worker.exited", { ...exited, exit: { requested: false, signal: "SIGSEGV", stderrTail: "tail" } });
    telemetry.emit("worker.exited", { ...exited, exit: { requested: true, exitCode: 0, stderrTail: "" } });
    expect(logger.records.map(({ level, message }) => [level, message])).toEqual([
      ["warn", "worker w1 ended unexpectedly (SIGSEGV)"],
      ["debug", "worker w1 has ended"],
    ]);
  });

  test("never receives a secret in a message or a field", () => {
    const logger = recordingLogger();
    const telemetry = createTelemetry({ logger, redact: { keys: ["patient"], patterns: [/\d{3}-\d{2}-\d{4}/] } });
    telemetry.emit("worker.log", {
      pool: "p",
      workerId: "w",
      source: "stdout",
      level: "info",
      message: 'password=hunter2 {"api_key": "hunter2"} patient: hunter2 ssn 123-45-6789 and 987-65-4321',
    });
    telemetry.emit("pool.degraded", { pool: "p", cause: new SnakepitError("INTERNAL", "no such token=hunter2") });
    const written = JSON.stringify(logger.records);
    expect(written).not.toContain("hunter2");
    expect(written).not.toMatch(/123-45|987-65/);
    expect(written).toContain("***");
  });

  test("a logger that throws is reported with one process warning", async () => {
    const broken = () => {
      throw new Error("disk full, token=hunter2");
    };
    const telemetry = createTelemetry({ logger: { debug: broken, info: broken, warn: broken, error: broken } });
    const warned = once(process, "warning");
    telemetry.emit("pool.recovered", RECOVERED);
    telemetry.emit("pool.recovered", RECOVERED);
    const [warning] = (await warned) as [Error];
    expect(warning.message).toContain("disk full, token=***");
  });

  test.each([
    ["rejects", () => Promise.reject(new Error("disk full"))],
    [
      "throws a value without a message",
      () => {
        throw Object.create(null);
      },
    ],
  ])("a logger that %s is reported with one process warning", async (_, broken) => {
    const telemetry = createTelemetry({ logger: { debug: broken, info: broken, warn: broken, error: broken } });
    const warned = once(process, "warning");
    telemetry.emit("pool.recovered", RECOVERED);
    telemetry.emit("pool.recovered", RECOVERED);
    const [warning] = (await warned) as [Error];
    expect(warning.message).toMatch(/^the logger failed and records are lost: (disk full|a value without a message)/);
  });

  test("receives errors with getters that throw", () => {
    const logger = recordingLogger();
    const cause = Object.defineProperties(new Error("broke"), {
      response: { get: fail, enumerable: true },
      stack: { get: fail },
    });
    createTelemetry({ logger }).emit("pool.degraded", {
      pool: "p",
      cause: new SnakepitError("INTERNAL", "no", { cause }),
    });
    expect(logger.records).toMatchObject([
      { facts: { err: { cause: { message: "broke", response: "[not readable]", stack: "[not readable]" } } } },
    ]);
  });

  describe("while a host starts", () => {
    const failure = { pool: "p", workerId: "p-1", error: new SnakepitError("WORKER_START_FAILED", "no such module") };
    const printed = { pool: "p", workerId: "p-1", source: "stderr", level: "warn", message: "loading" } as const;

    function starting() {
      const logger = recordingLogger();
      const telemetry = createTelemetry({ logger });
      const held = telemetry.holdBack();
      telemetry.emit("worker.start-failed", failure);
      telemetry.emit("worker.log", printed);
      const levels = () => logger.records.map(({ level, message }) => `${level}: ${message}`);
      return { telemetry, held, levels };
    }

    test("receives output of workers, but no failures that the error of the start may contain", () => {
      expect(starting().levels()).toEqual(["warn: loading"]);
    });

    test("receives the held failures after a successful start", () => {
      const { telemetry, held, levels } = starting();
      held.release();
      expect(levels()).toEqual(["warn: loading", "warn: worker p-1 failed to start: no such module"]);
      telemetry.emit("worker.start-failed", failure);
      expect(levels()).toHaveLength(3);
    });

    test("receives the held failures as debug records after a failed start", () => {
      const { telemetry, held, levels } = starting();
      held.demote();
      expect(levels()).toEqual(["warn: loading", "debug: worker p-1 failed to start: no such module"]);
      telemetry.emit("pool.saturated", { pool: "p", queued: 1, limit: 1, available: 0, busy: 1 });
      expect(levels()[2]).toMatch(/^warn: /);
    });
  });
});

describe("an attached instrumentation", () => {
  function recording(): Instrumentation & { readonly received: string[] } {
    const received: string[] = [];
    return {
      received,
      emit: (name) => void received.push(name),
      startCall: ({ tool }) => {
        received.push(`start ${tool}`);
        return {
          traceparent: `trace of ${tool}`,
          dispatched: (workerId) => void received.push(`dispatched ${workerId}`),
          ended: (error) => void received.push(`ended ${error?.code ?? "well"}`),
        };
      },
    };
  }

  test("receives events and calls until it is removed", () => {
    const telemetry = createTelemetry({ logger: false, instrumentation: { emit() {}, startCall: () => undefined } });
    const attached = recording();
    telemetry.emit("pool.recovered", RECOVERED);
    expect(telemetry.startCall(CALL)).toBeUndefined();
    const detach = telemetry.attach(attached);
    telemetry.emit("pool.recovered", RECOVERED);
    const trace = telemetry.startCall(CALL);
    trace?.dispatched("w1");
    detach();
    detach();
    trace?.ended();
    expect(telemetry.startCall(CALL)).toBeUndefined();
    telemetry.emit("pool.recovered", RECOVERED);
    expect(attached.received).toEqual(["pool.recovered", "start add", "dispatched w1", "ended well"]);
  });

  test("that shows Python spans lets the workers sample calls until it is removed", () => {
    const telemetry = createTelemetry({ logger: false });
    const sampled: number[] = [];
    telemetry.workerTelemetry.subscribe(({ sampledCallsPerSecond }) => sampled.push(sampledCallsPerSecond));
    telemetry.attach(recording())();
    const [first, second] = [1, 2].map(() => telemetry.attach({ ...recording(), samplesSpans: true }));
    first?.();
    second?.();
    telemetry.attach({ ...recording(), samplesSpans: true });
    telemetry.close();
    expect(sampled).toEqual([10, 0, 10, 0]);
  });

  test("does not replace the trace of the host, and several are independent", () => {
    const own = recording();
    const telemetry = createTelemetry({ logger: false, instrumentation: own });
    const [first, second] = [recording(), recording()];
    telemetry.attach(first);
    telemetry.attach(second);
    const trace = telemetry.startCall(CALL);
    expect(trace?.traceparent).toBe("trace of add");
    trace?.ended(new SnakepitError("CANCELLED", "the caller left"));
    for (const { received } of [own, first, second]) expect(received).toEqual(["start add", "ended CANCELLED"]);
    telemetry.close();
    telemetry.startCall(CALL);
    expect(second.received).toHaveLength(2);
  });
});
