import { describe, expect, test } from "vitest";
import { EVENT_NAMES, EVENTS } from "./event-catalogue.ts";
import { eventCounterName, fieldMetric, labelFields } from "./metric-names.ts";

describe("the catalogue of events", () => {
  test.each(EVENT_NAMES)("%s has a name of lower-case words, and sentences about itself and each field", (name) => {
    const { text, fields } = EVENTS[name];
    expect(name).toMatch(/^[a-z]+\.[a-z]+(-[a-z]+)*$/);
    for (const each of [text, ...Object.values(fields).map((field) => field.text)]) {
      expect(each).toMatch(/^[A-Z`].*[.)]$/);
    }
    for (const field of Object.keys(fields)) expect(field).toMatch(/^[a-z][A-Za-z]*$/);
  });

  test.each(EVENT_NAMES)("%s leaves `name` and `time` to `onAny`", (name) => {
    expect(Object.keys(EVENTS[name].fields)).not.toContain("name");
    expect(Object.keys(EVENTS[name].fields)).not.toContain("time");
  });

  test.each(EVENT_NAMES)("the durations and sizes of %s have a unit, and their names end with it", (name) => {
    for (const [field, { unit }] of Object.entries(EVENTS[name].fields)) {
      expect([field, field.endsWith("Ms")]).toEqual([field, unit === "ms"]);
      expect([field, /bytes$/i.test(field)]).toEqual([field, unit === "bytes"]);
    }
  });

  test("an event about a call has its correlation id, tool and pool", () => {
    for (const name of EVENT_NAMES.filter((each) => /^(call|stream|queue)\./.test(each))) {
      expect(Object.keys(EVENTS[name].fields)).toEqual(
        expect.arrayContaining(["pool", "tool", "correlationId", "sessionId"]),
      );
    }
  });
});

describe("the names of metrics", () => {
  test("follow from the catalogue", () => {
    expect(eventCounterName("call.ended")).toBe("snakepit_call_ended_total");
    expect(eventCounterName("circuit.half-open")).toBe("snakepit_circuit_half_open_total");
    expect(fieldMetric("call.ended", "queueMs")).toEqual({ name: "snakepit_call_ended_queue_seconds", factor: 0.001 });
    expect(fieldMetric("stream.ended", "bytes")).toEqual({ name: "snakepit_stream_ended_bytes", factor: 1 });
    expect(fieldMetric("python.memory", "rssBytes")).toEqual({ name: "snakepit_python_memory_rss_bytes", factor: 1 });
    expect(fieldMetric("call.ended", "tool")).toBeUndefined();
    expect(labelFields("call.ended")).toEqual(["pool", "tool", "error"]);
    expect(labelFields("worker.recycled")).toEqual(["pool", "reason"]);
  });

  test("are valid in Prometheus, and different", () => {
    const names = EVENT_NAMES.flatMap((name) => [
      eventCounterName(name),
      ...Object.keys(EVENTS[name].fields).flatMap((field) => fieldMetric(name, field)?.name ?? []),
    ]);
    for (const name of names) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(new Set(names).size).toBe(names.length);
  });
});
