import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CallRecorder } from "../recording/call-recorder.ts";
import { FakeControl } from "../testing/fake-control.ts";
import { LiveFeed, topicsOf } from "./live-feed.ts";
import { Viewers } from "./viewers.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function createFeed() {
  const control = new FakeControl();
  const viewers = new Viewers();
  const feed = new LiveFeed(control, new CallRecorder(), viewers);
  return { control, viewers, feed };
}

test("ten viewers share one state of the host, which is collected and serialized once per second", async () => {
  const { control, viewers, feed } = createFeed();
  const readers = Array.from({ length: 10 }, () => feed.subscribe(["overview"]).getReader());
  await Promise.all(readers.map((reader) => reader.read()));
  const before = control.inspected;
  vi.advanceTimersByTime(1_000);
  const messages = await Promise.all(readers.map((reader) => reader.read()));
  expect(control.inspected).toBe(before + 1);
  expect(new Set(messages.map(({ value }) => value)).size).toBe(1);
  feed.close();
  viewers.close();
});

test("nothing is collected without viewers, nor a topic that none of them shows", async () => {
  const { control, viewers, feed } = createFeed();
  vi.advanceTimersByTime(3_000);
  const reader = feed.subscribe(["workers"]).getReader();
  await reader.read();
  vi.advanceTimersByTime(1_000);
  await reader.read();
  expect(control.inspected).toBe(0);
  feed.close();
  viewers.close();
});

test("a viewer that does not read receives no further messages once its buffer is full", async () => {
  const { control, viewers, feed } = createFeed();
  const padding = { metadata: { text: "x".repeat(300_000) } };
  control.runningWorkers = control.runningWorkers.map((worker) => ({ ...worker, ...padding }));
  const reader = feed.subscribe(["workers"]).getReader();
  for (let second = 0; second < 20; second += 1) {
    vi.advanceTimersByTime(1_000);
    await new Promise(setImmediate);
  }
  viewers.close();
  feed.close();
  let received = 0;
  while (!(await reader.read()).done) received += 1;
  expect(received).toBeLessThan(5);
});

test("the overview is the default topic, and an empty list has none", () => {
  expect(topicsOf(undefined)).toEqual(["overview"]);
  expect(topicsOf("errors,workers")).toEqual(["workers", "errors"]);
  expect(topicsOf("")).toEqual([]);
});

test("an unknown topic is rejected with the available topics", () => {
  const message = 'unknown topic "worker"; available topics: overview, workers, calls, errors';
  const expected = expect.objectContaining({ code: "INVALID_ARGUMENT", message });
  expect(() => topicsOf("errors,worker")).toThrow(expected);
});
