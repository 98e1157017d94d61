import { SnakepitError, type WorkerCall } from "@snakepit/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleCall } from "../testing/linked-worker.ts";
import { ActiveCall, type ActiveCallEvent, type ActiveCallState, CallTable, transition } from "./active-call.ts";

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

const CALL: WorkerCall = sampleCall();

const CONTROL = { sendCancel() {}, sendCredit() {}, takePermit: () => false, forget() {} };

function activeCall(id: number): ActiveCall {
  return new ActiveCall(id, CALL, { chunk() {}, settled() {} }, CONTROL);
}

function added(table: CallTable): ActiveCall {
  const call = activeCall(table.nextId());
  table.set(call.id, call);
  return call;
}

describe("CallTable", () => {
  test("finds the same calls as a map, whatever the order in which they start and end", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(1_000)), { maxLength: 300 }), (steps) => {
        const table = new CallTable();
        const expected = new Map<number, ActiveCall>();
        for (const step of steps) {
          const ids = [...expected.keys()];
          const id = step === null ? undefined : ids[step % ids.length];
          if (id === undefined) {
            const call = added(table);
            expect(expected.has(call.id) || call.id === 0).toBe(false);
            expected.set(call.id, call);
          } else {
            table.delete(id);
            expected.delete(id);
            expect(table.get(id)).toBeUndefined();
          }
        }
        expect(table.size).toBe(expected.size);
        expect(table.values()).toEqual([...expected.values()]);
        for (const [id, call] of expected) expect(table.get(id)).toBe(call);
      }),
    );
  });

  test("does not use the ID of a call that is still active", () => {
    const table = new CallTable();
    const stream = added(table);
    const others = Array.from({ length: 1_000 }, () => {
      const call = added(table);
      table.delete(call.id);
      return call.id;
    });
    expect(others).not.toContain(stream.id);
    expect(new Set(others).size).toBe(1_000);
    expect(table.get(stream.id)).toBe(stream);
  });

  test("ignores IDs that it has not assigned", () => {
    const table = new CallTable();
    const call = added(table);
    for (const id of [0, call.id + 16, call.id + 2 ** 20, 0xffff_ffff]) expect(table.get(id)).toBeUndefined();
    table.delete(call.id + 16);
    expect(table.values()).toEqual([call]);
  });
});
