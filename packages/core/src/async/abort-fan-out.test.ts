import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { type Unsubscribe, watchAbort } from "./abort-fan-out.ts";

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

test("calls every watcher once, in order, and then removes its listener", () => {
  const controller = new AbortController();
  const called: number[] = [];
  for (const n of [1, 2, 3]) watchAbort(controller.signal, () => called.push(n));
  expect(listeners(controller.signal)).toBe(1);
  controller.abort();
  expect(called).toEqual([1, 2, 3]);
  expect(listeners(controller.signal)).toBe(0);
});

test("does not call a stopped watcher, and removes its listener with the last watcher", () => {
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

test("calls a callback that was registered twice two times", () => {
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

test("does not call a watcher that an earlier watcher stops during the abort", () => {
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

test("never adds more than one listener to a signal for a million watchers", () => {
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
