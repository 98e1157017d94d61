import { SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { type ActiveCallEvent, type ActiveCallState, transition } from "./active-call.ts";

const error = new SnakepitError("SERIALIZATION", "a chunk could not be decoded");

const states: Readonly<Record<ActiveCallState["is"], ActiveCallState>> = {
  running: { is: "running" },
  cancelled: { is: "cancelled" },
  failing: { is: "failing", error },
  ended: { is: "ended" },
};

const events: Readonly<Record<ActiveCallEvent["is"], ActiveCallEvent>> = {
  cancelled: { is: "cancelled" },
  failed: { is: "failed", error },
  settled: { is: "settled" },
};

test("each event changes each state as documented; `-` means no change", () => {
  const table = Object.entries(states).map(([from, state]) => [
    from,
    ...Object.values(events).map((event) => {
      const after = transition(state, event);
      return after === state ? "-" : after.is;
    }),
  ]);
  expect([["", ...Object.keys(events)], ...table]).toEqual([
    ["", "cancelled", "failed", "settled"],
    ["running", "cancelled", "failing", "ended"],
    ["cancelled", "-", "failing", "ended"],
    ["failing", "-", "-", "ended"],
    ["ended", "-", "-", "-"],
  ]);
});
