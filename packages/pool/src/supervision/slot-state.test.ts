import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PoolWorker } from "../calls/call.ts";
import { FakeWorker } from "../testing/fake-worker.ts";
import { leave, type SlotEvent, type SlotState, transition, VACANT } from "./slot-state.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const fired: string[] = [];
const timers = {
  launchOverdue: () => fired.push("launchOverdue"),
  pauseEnded: () => fired.push("pauseEnded"),
  graceEnded: () => fired.push("graceEnded"),
};
beforeEach(() => {
  fired.length = 0;
});

const watcher = { lost() {}, unresponsive() {}, drained() {} };
const worker = new PoolWorker(new FakeWorker("w", 1, {}), watcher, 0);
const launch: SlotEvent = { is: "launch", workerId: "w", version: 0, launch: new AbortController(), timeoutMs: 1_000 };

/** Returns the state after a sequence of events. */
function after(...events: readonly SlotEvent[]): SlotState {
  let state = VACANT;
  for (const event of events) {
    const next = transition(state, event, timers);
    if (next !== state) leave(state);
    state = next;
  }
  return state;
}

const ready: readonly SlotEvent[] = [launch, { is: "launched", worker }];

describe("a slot", () => {
  test("without failures starts, runs and stops", () => {
    expect(after(launch)).toMatchObject({ is: "starting", workerId: "w", failures: 0 });
    expect(after(...ready)).toMatchObject({ is: "ready", worker });
    expect(after(...ready, { is: "drain", why: "closing", graceMs: 50 })).toMatchObject({ is: "draining", worker });
    const stopping = after(...ready, { is: "drain", why: "closing", graceMs: 50 }, { is: "stop", why: "closing" });
    expect(stopping).toMatchObject({ is: "stopping", worker, why: "closing" });
    expect(transition(stopping, { is: "exited", crash: "none" }, timers)).toMatchObject({ is: "dead", failures: 0 });
    expect(vi.getTimerCount()).toBe(2);
  });

  test("with failures counts them until a worker was useful", () => {
    const failed: readonly SlotEvent[] = [launch, { is: "launch-failed" }];
    expect(after(...failed)).toEqual({ is: "dead", failures: 1, retryNow: false });
    expect(after(...failed, ...failed)).toMatchObject({ failures: 2 });
    expect(after(...failed, ...ready, { is: "exited", crash: "systematic" })).toEqual({
      is: "dead",
      failures: 2,
      retryNow: false,
    });
    expect(after(...failed, ...ready, { is: "exited", crash: "none" })).toEqual({
      is: "dead",
      failures: 0,
      retryNow: true,
    });
    const isolatedCrash: SlotEvent = { is: "exited", crash: "isolated" };
    expect(after(...failed, ...ready, isolatedCrash)).toEqual({ is: "dead", failures: 1, retryNow: false });
    const lost: readonly SlotEvent[] = [...failed, ...ready, { is: "stop", why: "lost" }];
    expect(after(...lost, { is: "exited", crash: "systematic" })).toMatchObject({ failures: 2 });
  });

  test("with a delay waits before it starts", () => {
    const paused: readonly SlotEvent[] = [launch, { is: "launch-failed" }, { is: "pause", delayMs: 70 }];
    expect(after(...paused)).toMatchObject({ is: "backoff", failures: 1 });
    expect(after(...paused, { is: "pause-ended" })).toEqual({ is: "dead", failures: 1, retryNow: true });
  });
});

test("each state owns its timer, which stops with the state", () => {
  const overdue = after(launch);
  vi.advanceTimersByTime(1_000);
  expect(fired).toEqual(["launchOverdue"]);
  leave(overdue);
  after(launch, { is: "launch-failed" }, { is: "pause", delayMs: 70 });
  vi.advanceTimersByTime(70);
  expect(fired).toEqual(["launchOverdue", "pauseEnded"]);
  after(...ready, { is: "drain", why: "closing", graceMs: 50 });
  vi.advanceTimersByTime(50);
  expect(fired).toEqual(["launchOverdue", "pauseEnded", "graceEnded"]);
  after(...ready);
  after(launch, { is: "stop", why: "closing" });
  expect(vi.getTimerCount()).toBe(0);
});

test("the grace period of a draining worker can only be shortened", () => {
  const draining = after(...ready, { is: "drain", why: "closing", graceMs: 500 });
  expect(transition(draining, { is: "drain", why: "closing", graceMs: 900 }, timers)).toBe(draining);
  expect(transition(draining, { is: "drain", why: "closing", graceMs: 100 }, timers)).toMatchObject({});
});

test("an event that does not apply changes nothing", () => {
  const meaningless: readonly (readonly [SlotState, readonly SlotEvent["is"][]])[] = [
    [VACANT, ["launched", "launch-failed", "pause-ended", "drain", "stop", "exited"]],
    [after(launch), ["launch", "pause", "pause-ended", "drain", "exited"]],
    [after(...ready), ["launch", "launched", "launch-failed", "pause", "pause-ended"]],
    [
      after(...ready, { is: "stop", why: "lost" }),
      ["launch", "launched", "launch-failed", "pause", "pause-ended", "drain", "stop"],
    ],
    [after({ is: "pause", delayMs: 1 }), ["launch", "launched", "launch-failed", "pause", "drain", "exited"]],
  ];
  const events: { readonly [Is in SlotEvent["is"]]: SlotEvent } = {
    launch,
    launched: { is: "launched", worker },
    "launch-failed": { is: "launch-failed" },
    pause: { is: "pause", delayMs: 1 },
    "pause-ended": { is: "pause-ended" },
    drain: { is: "drain", why: "closing", graceMs: 1 },
    stop: { is: "stop", why: "closing" },
    exited: { is: "exited", crash: "systematic" },
  };
  for (const [state, names] of meaningless) {
    for (const name of names) expect(transition(state, events[name], timers), `${name} in ${state.is}`).toBe(state);
  }
});
