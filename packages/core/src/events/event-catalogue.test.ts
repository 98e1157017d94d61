import { describe, expect, test } from "vitest";
import { EVENT_NAMES, EVENTS, matchesPattern } from "./event-catalogue.ts";

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

test.each([
  ["worker.ready", true],
  ["worker.*", true],
  ["*.ready", true],
  ["*", true],
  ["**", true],
  ["w*r*.r*y", true],
  ["worker.ready*", true],
  ["*worker.ready", true],
  ["worker", false],
  ["worker.", false],
  ["*.read", false],
  ["worker.read*dy", false],
  ["worker.*worker.ready", false],
  ["worker?ready", false],
  ["worker.ready|x", false],
  ["", false],
])("the pattern %j matches worker.ready: %s", (pattern, isMatch) => {
  expect(matchesPattern(pattern, "worker.ready")).toBe(isMatch);
});

test("a pattern of many wildcards takes no longer than its length", () => {
  expect(matchesPattern(`${"*".repeat(10_000)}x`, "worker.ready")).toBe(false);
  expect(matchesPattern(`${"*e".repeat(10_000)}x`, "worker.ready")).toBe(false);
});
