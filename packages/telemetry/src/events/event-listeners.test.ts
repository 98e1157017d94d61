import { type Instrumentation, noInstrumentation } from "@snakepit/core";
import { describe, expect, test } from "vitest";
import { createTelemetry } from "../telemetry.ts";
import { recordingLogger } from "../testing/recording-logger.ts";
import type { AnyEvent } from "./event-channel.ts";

const FULL = { pool: "default", workerId: "w1", capacity: 2 };
const RECOVERED = { pool: "default" };

describe("a listener of several names", () => {
  test("receives the events of each with their names, once even for a repeated name", () => {
    const telemetry = createTelemetry({ logger: false });
    const received: unknown[] = [];
    const stop = telemetry.on(["pool.recovered", "worker.full", "worker.full"], ({ pool }, name) =>
      received.push([name, pool]),
    );
    telemetry.emit("pool.recovered", RECOVERED);
    telemetry.emit("worker.full", FULL);
    telemetry.emit("session.created", { sessionId: "s" });
    stop();
    telemetry.emit("worker.full", FULL);
    expect(received).toEqual([
      ["pool.recovered", "default"],
      ["worker.full", "default"],
    ]);
  });
});

describe("a listener of all events", () => {
  test("receives each with its name and the time, after the listeners of its name", () => {
    const telemetry = createTelemetry({ logger: false });
    const order: string[] = [];
    const received: AnyEvent[] = [];
    telemetry.onAny((event) => {
      order.push("any");
      received.push(event);
    });
    telemetry.on("worker.full", () => order.push("named"));
    const before = Date.now();
    telemetry.emit("worker.full", FULL);
    expect(order).toEqual(["named", "any"]);
    expect(received).toEqual([{ ...FULL, name: "worker.full", time: expect.any(Number) }]);
    expect(received[0]?.time).toBeGreaterThanOrEqual(before);
    expect(received[0]?.time).toBeLessThanOrEqual(Date.now());
  });

  test("affects neither the emitter nor other listeners when it throws; its first error is logged", () => {
    const logger = recordingLogger();
    const telemetry = createTelemetry({ logger });
    let received = 0;
    telemetry.onAny(() => {
      throw new Error("listener broke");
    });
    telemetry.onAny(() => {
      received += 1;
    });
    telemetry.emit("worker.full", FULL);
    telemetry.emit("worker.full", FULL);
    expect(received).toBe(2);
    expect(logger.records.map(({ message }) => message)).toEqual([
      expect.stringContaining("a listener for worker.full failed: listener broke"),
    ]);
  });

  test("receives nothing after the telemetry is closed", () => {
    const telemetry = createTelemetry({ logger: false });
    let received = 0;
    telemetry.onAny(() => {
      received += 1;
    });
    telemetry.close();
    telemetry.emit("worker.full", FULL);
    expect(received).toBe(0);
    expect(telemetry.listens["worker.full"]).toBe(false);
  });
});

describe("a signal", () => {
  test.each(["on", "onAny"] as const)("ends a subscription of %s when it aborts", (method) => {
    const telemetry = createTelemetry({ logger: false });
    const controller = new AbortController();
    const { signal } = controller;
    let received = 0;
    const listener = () => {
      received += 1;
    };
    if (method === "on") telemetry.on("worker.full", listener, { signal });
    else telemetry.onAny(listener, { signal });
    telemetry.emit("worker.full", FULL);
    controller.abort();
    telemetry.emit("worker.full", FULL);
    expect(received).toBe(1);
    expect(telemetry.listens["worker.full"]).toBe(false);
  });

  test("that has aborted starts no subscription", () => {
    const telemetry = createTelemetry({ logger: false });
    let received = 0;
    const stop = telemetry.onAny(() => (received += 1), { signal: AbortSignal.abort() });
    telemetry.emit("worker.full", FULL);
    stop();
    expect(received).toBe(0);
  });

  test("has no listener left after the subscription or the telemetry has ended", () => {
    const telemetry = createTelemetry({ logger: false });
    const controller = new AbortController();
    const { signal } = controller;
    let added = 0;
    signal.addEventListener = () => {
      added += 1;
    };
    signal.removeEventListener = () => {
      added -= 1;
    };
    const stop = telemetry.on("worker.full", () => {}, { signal });
    expect(added).toBe(1);
    stop();
    stop();
    expect(added).toBe(0);
    telemetry.onAny(() => {}, { signal });
    telemetry.close();
    expect(added).toBe(0);
  });
});

describe("an event on demand", () => {
  test("is to be created only while it has a listener", () => {
    const telemetry = createTelemetry({ logger: false });
    const { listens } = telemetry;
    expect(Object.values(listens)).not.toContain(true);
    const stop = telemetry.on("worker.full", () => {});
    expect(listens).toMatchObject({ "worker.full": true, "call.ended": false });
    const stopAny = telemetry.onAny(() => {});
    expect(Object.values(listens)).not.toContain(false);
    stop();
    expect(listens["worker.full"]).toBe(true);
    stopAny();
    expect(Object.values(listens)).not.toContain(true);
  });

  test("is not logged", () => {
    const logger = recordingLogger();
    const telemetry = createTelemetry({ logger });
    telemetry.onAny(() => {});
    telemetry.emit("worker.full", FULL);
    expect(logger.records).toEqual([]);
  });

  test("reaches an instrumentation only if that listens for it", () => {
    const names: string[] = [];
    const instrumentation: Instrumentation = {
      ...noInstrumentation,
      listens: { "worker.full": true },
      emit: (name) => names.push(name),
    };
    const telemetry = createTelemetry({ logger: false, instrumentation });
    expect(telemetry.listens).toMatchObject({ "worker.full": true, "tool.registered": false });
    telemetry.onAny(() => {});
    telemetry.emit("worker.full", FULL);
    telemetry.emit("tool.registered", { tools: ["now"] });
    telemetry.emit("pool.recovered", RECOVERED);
    expect(names).toEqual(["worker.full", "pool.recovered"]);
  });
});
