import { setImmediate } from "node:timers/promises";
import type { Frame } from "@snakepit/bridge-proto";
import { expect, it } from "vitest";
import { OutgoingBatch } from "./outgoing-batch.ts";

const DRAIN: Frame = { kind: { $case: "drain", value: {} } };
const WELCOME: Frame = {
  kind: {
    $case: "accept",
    value: { protocol: 1, runId: "r", heartbeatIntervalMs: 1, heartbeatTimeoutMs: 0, maxPayloadBytes: 1 },
  },
};

function collect(): { readonly batches: string[][]; readonly outgoing: OutgoingBatch } {
  const batches: string[][] = [];
  const outgoing = new OutgoingBatch((frames) => batches.push(frames.map((frame) => frame.kind?.$case ?? "nothing")));
  return { batches, outgoing };
}

it("all frames of one turn, including its promise callbacks, are sent as one batch", async () => {
  const { batches, outgoing } = collect();
  outgoing.add(DRAIN);
  await Promise.resolve();
  outgoing.add(DRAIN);
  expect(batches).toEqual([]);
  await setImmediate();
  expect(batches).toEqual([["drain", "drain"]]);
});

it("frames after Accept in the same turn are sent in a separate batch", async () => {
  const { batches, outgoing } = collect();
  outgoing.add(WELCOME);
  outgoing.add(DRAIN);
  await setImmediate();
  expect(batches).toEqual([["accept"], ["drain"]]);
});
