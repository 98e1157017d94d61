import { expect, test } from "vitest";
import { transition, type WatchEvent, type WatchState } from "./watch-state.ts";

const stop = () => {};

const states: Readonly<Record<WatchState["is"], WatchState>> = {
  idle: { is: "idle" },
  opening: { is: "opening", stop },
  watching: { is: "watching", stop, createdAt: 1 },
  ended: { is: "ended" },
};

const events: Readonly<Record<WatchEvent["is"], WatchEvent>> = {
  opened: { is: "opened", stop },
  "session-read": { is: "session-read", createdAt: 2 },
  ended: { is: "ended" },
};

test("each event leads from each state to the documented state; `-` where it does not apply", () => {
  const table = Object.entries(states).map(([from, state]) => [
    from,
    ...Object.values(events).map((event) => {
      const after = transition(state, event);
      return after === state ? "-" : after.is;
    }),
  ]);
  expect([["", ...Object.keys(events)], ...table]).toEqual([
    ["", "opened", "session-read", "ended"],
    ["idle", "opening", "-", "ended"],
    ["opening", "-", "watching", "ended"],
    ["watching", "-", "-", "ended"],
    ["ended", "-", "-", "-"],
  ]);
});

test("a watch stays with the session for which it was opened", () => {
  expect(transition(states.opening, events["session-read"])).toEqual({ is: "watching", stop, createdAt: 2 });
});
