import { SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { type CallEvent, type CallState, transition } from "./call-state.ts";

const error = new SnakepitError("DEADLINE_EXCEEDED", "too late");

const states: Readonly<Record<CallState["is"], CallState>> = {
  new: { is: "new" },
  outside: { is: "outside" },
  throttled: { is: "throttled" },
  queued: { is: "queued" },
  ahead: { is: "ahead" },
  running: { is: "running" },
  overdue: { is: "overdue", error },
  abandoned: { is: "abandoned" },
  settled: { is: "settled" },
};

const events: Readonly<Record<CallEvent["is"], CallEvent>> = {
  rejected: { is: "rejected" },
  "waits-outside": { is: "waits-outside" },
  throttled: { is: "throttled" },
  enqueued: { is: "enqueued" },
  "sent-ahead": { is: "sent-ahead" },
  recalled: { is: "recalled" },
  dispatched: { is: "dispatched" },
  "timed-out": { is: "timed-out", error },
  "given-up": { is: "given-up" },
  ended: { is: "ended" },
};

test("each event leads from each state to the documented state; `-` where it does not apply", () => {
  const table = Object.entries(states).map(([from, state]) => [
    from,
    ...Object.values(events).map((event) => {
      const after = transition(state, event);
      return after.is === state.is ? "-" : after.is;
    }),
  ]);
  expect([["", ...Object.keys(events)], ...table]).toEqual([
    [
      "",
      "rejected",
      "waits-outside",
      "throttled",
      "enqueued",
      "sent-ahead",
      "recalled",
      "dispatched",
      "timed-out",
      "given-up",
      "ended",
    ],
    ["new", "settled", "outside", "throttled", "queued", "ahead", "-", "running", "-", "-", "-"],
    ["outside", "-", "-", "throttled", "queued", "ahead", "-", "running", "-", "settled", "-"],
    ["throttled", "-", "outside", "-", "queued", "ahead", "-", "running", "-", "settled", "-"],
    ["queued", "-", "-", "throttled", "-", "ahead", "-", "running", "-", "settled", "-"],
    ["ahead", "-", "-", "-", "-", "-", "queued", "running", "-", "-", "-"],
    ["running", "-", "-", "-", "-", "-", "queued", "-", "overdue", "abandoned", "settled"],
    ["overdue", "-", "-", "-", "-", "-", "-", "-", "-", "abandoned", "settled"],
    ["abandoned", "-", "-", "-", "-", "-", "-", "-", "-", "-", "settled"],
    ["settled", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"],
  ]);
});

test("an overdue call keeps the error for its caller", () => {
  expect(transition(states.running, events["timed-out"])).toEqual({ is: "overdue", error });
});
