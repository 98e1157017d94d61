import { describe, expect, test } from "vitest";
import { EVENT_NAMES, EVENTS } from "./event-catalogue.ts";

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
