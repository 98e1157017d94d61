import { expect, it } from "vitest";
import { WriterPresence, type Writers } from "./writer-presence.ts";

function writers(last: number, ...connected: number[]): Writers {
  return { last, connected: new Set(connected) };
}

function checks(...all: readonly Writers[]): readonly boolean[] {
  const presence = new WriterPresence();
  return all.map((each) => presence.hasLostWriter(each));
}

it("reports no disconnection at the first check", () => {
  expect(checks(writers(9, 2, 9))).toEqual([false]);
});

it("reports no disconnection while all writers stay and others connect", () => {
  expect(checks(writers(2, 1, 2), writers(2, 1, 2), writers(4, 1, 2, 3, 4))).toEqual([false, false, false]);
});

it("reports that a writer has disconnected, once", () => {
  expect(checks(writers(2, 1, 2), writers(2, 2), writers(2, 2))).toEqual([false, true, false]);
});

it("detects a writer that connected and disconnected between two checks", () => {
  expect(checks(writers(2, 1), writers(3, 1), writers(3, 1), writers(3, 1))).toEqual([false, true, true, false]);
});

it("expects a writer with a number to be connected at the next check", () => {
  expect(checks(writers(2, 1), writers(3, 1), writers(3, 1, 3), writers(3, 1))).toEqual([false, true, false, true]);
});

it("assumes that a writer has disconnected when numbers start over, or too many are new", () => {
  expect(checks(writers(9, 1), writers(2, 1, 2), writers(2, 1, 2))).toEqual([false, true, false]);
  expect(checks(writers(9, 1), writers(1_000_000, 1), writers(1_000_000, 1))).toEqual([false, true, false]);
});
