import type { Frame } from "@snakepit/bridge-proto";
import { describe, expect, it } from "vitest";
import { chunkFrame, creditFrame, idOf, patternBytes } from "../testing/sample-frames.ts";
import { OutgoingBatch } from "./outgoing-batch.ts";
import { BATCH_TARGET_BYTES } from "./record-limits.ts";

interface Written {
  readonly frames: readonly Frame[];
  readonly attachments: readonly Uint8Array[];
}

function collecting(): { readonly batch: OutgoingBatch; readonly written: Written[] } {
  const written: Written[] = [];
  return { batch: new OutgoingBatch((frames, attachments) => written.push({ frames, attachments })), written };
}

describe("OutgoingBatch", () => {
  it("lets go of everything at once, in order, and begins anew", () => {
    const { batch, written } = collecting();
    const attachments = [patternBytes(10), patternBytes(200)];
    const frames = [creditFrame(1), chunkFrame(2, patternBytes(500), attachments)] as const;
    batch.add(frames[0]);
    batch.add(frames[1], attachments);
    batch.flush();
    batch.add(frames[0]);
    batch.flush();
    batch.flush();
    expect(written).toEqual([
      { frames, attachments },
      { frames: [frames[0]], attachments: [] },
    ]);
  });

  it("flushes by itself when the turn's promise callbacks have run, before the event loop goes on", async () => {
    const { batch, written } = collecting();
    batch.add(creditFrame(1));
    await Promise.resolve();
    batch.add(creditFrame(2));
    expect(written).toEqual([]);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(written.map(({ frames }) => frames.map(idOf))).toEqual([[1, 2]]);
  });

  it("ends a batch that is long enough, attachments counted, so that no record grows without bound", () => {
    const { batch, written } = collecting();
    const half = patternBytes(BATCH_TARGET_BYTES / 2);
    for (let id = 0; id < 6; id++) batch.add(chunkFrame(id, new Uint8Array(0), [half]), [half]);
    expect(written.map(({ attachments }) => attachments.length)).toEqual([2, 2, 2]);
    for (let id = 0; id < 4; id++) batch.add(chunkFrame(id, half));
    expect(written.length).toBe(5);
  });
});
