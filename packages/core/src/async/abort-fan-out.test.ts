import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { type Unsubscribe, watchAbort } from "./abort-fan-out.ts";

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

test("every watcher is called once, in order, and no listener is left", () => {
  const controller = new AbortController();
  const called: number[] = [];
  for (const n of [1, 2, 3]) watchAbort(controller.signal, () => called.push(n));
  expect(listeners(controller.signal)).toBe(1);
  controller.abort();
  expect(called).toEqual([1, 2, 3]);
  expect(listeners(controller.signal)).toBe(0);
});

test("who stopped watching is not called, and the last one takes the listener along", () => {
  const controller = new AbortController();
  const called: string[] = [];
  const stop = watchAbort(controller.signal, () => called.push("stopped"));
  const other = watchAbort(controller.signal, () => called.push("other"));
  stop();
  stop();
  expect(listeners(controller.signal)).toBe(1);
  other();
  expect(listeners(controller.signal)).toBe(0);
  watchAbort(controller.signal, () => called.push("later"));
  controller.abort();
  expect(called).toEqual(["later"]);
  stop();
});

test("one callback watched twice is called twice", () => {
  const controller = new AbortController();
  let calls = 0;
  const count = () => {
    calls += 1;
  };
  watchAbort(controller.signal, count);
  watchAbort(controller.signal, count)();
  watchAbort(controller.signal, count);
  controller.abort();
  expect(calls).toBe(2);
});

test("a watcher may stop another while the signal aborts", () => {
  const controller = new AbortController();
  const called: string[] = [];
  let second: Unsubscribe | undefined;
  watchAbort(controller.signal, () => {
    called.push("first");
    second?.();
  });
  second = watchAbort(controller.signal, () => called.push("second"));
  watchAbort(controller.signal, () => called.push("third"));
  controller.abort();
  expect(called).toEqual(["first", "third"]);
});

test("a million watchers, some at the same time, leave nothing on the signal", () => {
  const { signal } = new AbortController();
  let most = 0;
  for (let round = 0; round < 1_000; round++) {
    const watching = Array.from({ length: 1_000 }, () => watchAbort(signal, () => {}));
    most = Math.max(most, listeners(signal));
    for (const stop of watching) stop();
  }
  expect(most).toBe(1);
  expect(listeners(signal)).toBe(0);
});
