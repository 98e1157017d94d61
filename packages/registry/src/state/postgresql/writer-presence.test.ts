import { expect, it } from "vitest";
import { WriterPresence, type Writers } from "./writer-presence.ts";

function writers(last: number, ...connected: number[]): Writers {
  return { last, connected: new Set(connected) };
}

function looks(...all: readonly Writers[]): readonly boolean[] {
  const presence = new WriterPresence();
  return all.map((each) => presence.hasLostOne(each));
}

it("does not know at the first look who has gone", () => {
  expect(looks(writers(9, 2, 9))).toEqual([false]);
});

it("reports no disconnection while all writers stay and others connect", () => {
  expect(looks(writers(2, 1, 2), writers(2, 1, 2), writers(4, 1, 2, 3, 4))).toEqual([false, false, false]);
});

it("reports that a writer has disconnected, once", () => {
  expect(looks(writers(2, 1, 2), writers(2, 2), writers(2, 2))).toEqual([false, true, false]);
});

it("notices who has come and gone between two looks", () => {
  expect(looks(writers(2, 1), writers(3, 1), writers(3, 1), writers(3, 1))).toEqual([false, true, true, false]);
});

it("waits for one that has a number and is not connected yet", () => {
  expect(looks(writers(2, 1), writers(3, 1), writers(3, 1, 3), writers(3, 1))).toEqual([false, true, false, true]);
});

it("assumes that a writer has disconnected when numbers start over, or too many are new", () => {
  expect(looks(writers(9, 1), writers(2, 1, 2), writers(2, 1, 2))).toEqual([false, true, false]);
  expect(looks(writers(9, 1), writers(1_000_000, 1), writers(1_000_000, 1))).toEqual([false, true, false]);
});
