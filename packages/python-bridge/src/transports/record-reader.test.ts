import { createHash } from "node:crypto";
import { Batch, type Frame } from "@snakepit/bridge-proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkFrame, creditFrame, patternBytes } from "../testing/frames.ts";
import { MAX_FRAMES_PER_BATCH } from "./frame-transport.ts";
import { payloadOf } from "./incoming-batch.ts";
import { RecordReader } from "./record-reader.ts";

const LIMIT = 1024 * 1024;

interface ReadRecord {
  readonly frames: readonly Frame[];
  readonly attachments: readonly Uint8Array[];
}

function read(
  pieces: readonly Buffer[],
  limit = LIMIT,
): { readonly records: ReadRecord[]; readonly midRecord: boolean } {
  const records: ReadRecord[] = [];
  const reader = new RecordReader(limit, (frames, attachments) => records.push(kept(frames, attachments)));
  for (const piece of pieces) reader.arrived(piece, piece.byteLength);
  return { records, midRecord: reader.midRecord };
}

/** Like {@link read}, into the memory that the reader provides. */
function readInto(pieces: readonly Buffer[]): readonly ReadRecord[] {
  const records: ReadRecord[] = [];
  const reader = new RecordReader(LIMIT, (frames, attachments) => records.push(kept(frames, attachments)));
  for (const piece of pieces) {
    for (let offset = 0; offset < piece.byteLength; ) {
      const room = reader.room();
      const count = piece.copy(room, 0, offset);
      reader.arrived(room, count);
      offset += count;
      // Other connections use the same memory.
      if (room.byteLength === 256 * 1024) room.fill(0xff);
    }
  }
  return records;
}

/** Returns all bytes of the records, in a form that is compared quickly. */
function contents(records: readonly ReadRecord[]): readonly string[] {
  return records.flatMap(({ frames, attachments }) => [
    ...frames.map((frame) => hash(payloadOf(frame)?.body ?? Buffer.from(JSON.stringify(frame)))),
    ...attachments.map(hash),
  ]);
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Copies the bodies, which are valid only while a record is delivered. */
function kept(frames: readonly Frame[], attachments: readonly Uint8Array[]): ReadRecord {
  for (const frame of frames) {
    const payload = payloadOf(frame);
    if (payload !== undefined) payload.body = Buffer.from(payload.body);
  }
  return { frames, attachments };
}

function record(frames: Frame[], attachments: readonly Uint8Array[] = []): Buffer {
  return rawRecord(
    Batch.encode({ frames, attachmentLengths: attachments.map((each) => each.byteLength) }).finish(),
    ...attachments,
  );
}

function rawRecord(batch: Uint8Array, ...attachments: Uint8Array[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(batch.byteLength);
  return Buffer.concat([length, batch, ...attachments]);
}

describe("RecordReader", () => {
  const attachments = [patternBytes(10), new Uint8Array(0), patternBytes(1000), new Uint8Array(0)];
  const stream = Buffer.concat([
    record([creditFrame(1), creditFrame(2)]),
    record([]),
    record([chunkFrame(3, patternBytes(300), attachments)], attachments),
    record([creditFrame(4)]),
  ]);

  it("reads the same records regardless of how the stream is split", () => {
    const whole = read([stream]).records;
    expect(whole.map(({ frames }) => frames.length)).toEqual([2, 0, 1, 1]);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.byteLength), { maxLength: 30 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.byteLength];
        const pieces = edges.slice(1).map((end, index) => stream.subarray(edges[index], end));
        expect(read(pieces)).toEqual({ records: whole, midRecord: false });
      }),
    );
  });

  it("reads a stream that arrives byte by byte", () => {
    expect(read(Array.from(stream, (byte) => Buffer.of(byte))).records).toEqual(read([stream]).records);
  });

  it("reads the same records from the memory that it provides", () => {
    const large = [patternBytes(300_000), patternBytes(5), patternBytes(70_000)];
    const mixed = Buffer.concat([
      stream,
      record([chunkFrame(5, patternBytes(3), large)], large),
      record([chunkFrame(6, patternBytes(200_000))]),
      stream,
    ]);
    const whole = read([mixed]).records;
    expect(whole.length).toBe(10);
    fc.assert(
      fc.property(fc.array(fc.nat(mixed.byteLength), { maxLength: 30 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), mixed.byteLength];
        const pieces = edges.slice(1).map((end, index) => mixed.subarray(edges[index], end));
        expect(contents(readInto(pieces))).toEqual(contents(whole));
      }),
      { numRuns: 30 },
    );
  });

  it("allocates memory for each attachment, exactly as long as it is", () => {
    const [received] = read([record([chunkFrame(1, patternBytes(1), attachments)], attachments)]).records;
    expect(received?.attachments.map(({ buffer, byteOffset }) => [byteOffset, buffer.byteLength])).toEqual(
      attachments.map(({ byteLength }) => [0, byteLength]),
    );
  });

  it("reports whether a record has arrived only in part", () => {
    expect(read([]).midRecord).toBe(false);
    for (const length of [1, 3, 4, 20, stream.byteLength - 1]) {
      expect(read([stream.subarray(0, length)]).midRecord).toBe(true);
    }
  });

  it("allocates no memory for a record over the limit", () => {
    expect(() => read([Buffer.from([0xff, 0xff, 0xff, 0xff])])).toThrow(
      expect.objectContaining({ code: "PAYLOAD_TOO_LARGE", details: { bytes: 0xffff_ffff, limit: LIMIT } }),
    );
    expect(() => read([Buffer.from([0xff, 0xff, 0xff]), Buffer.from([0xff])])).toThrow(
      expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }),
    );
    const announced = Batch.encode({ frames: [], attachmentLengths: [2 ** 40, 2 ** 40] }).finish();
    expect(() => read([rawRecord(announced)])).toThrow(expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }));
    const beyondNumbers = Batch.encode({ frames: [], attachmentLengths: [] })
      .uint32(16)
      .uint64((1n << 64n) - 1n);
    expect(() => read([rawRecord(beyondNumbers.finish())])).toThrow(
      expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }),
    );
  });

  it("rejects more frames than a batch may have", () => {
    const crowd = Buffer.alloc(2 * (MAX_FRAMES_PER_BATCH + 1));
    for (let i = 0; i < crowd.byteLength; i += 2) crowd[i] = 10;
    expect(() => read([rawRecord(crowd)])).toThrow(expect.objectContaining({ code: "PROTOCOL_MISMATCH" }));
  });

  it("rejects all invalid bytes with the same error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          read([rawRecord(bytes)]);
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: "SnakepitError" });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("skips fields of a later version", () => {
    const later = Batch.encode({ frames: [creditFrame(1)], attachmentLengths: [] })
      .uint32(0x7a)
      .string("new");
    expect(read([rawRecord(later.finish())]).records[0]?.frames).toEqual([creditFrame(1)]);
  });
});
