import { Batch } from "@snakepit/bridge-proto";
import { AttachRequest } from "@snakepit/bridge-proto/grpc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkFrame, creditFrame, patternBytes } from "../testing/sample-frames.ts";
import { decodeGrpcMessage, encodeGrpcMessage } from "./grpc-message.ts";

const attachments = [patternBytes(1_000), new Uint8Array(0)].map((bytes) => Buffer.from(bytes));
const batch = {
  frames: [creditFrame(1), chunkFrame(2, Buffer.from(patternBytes(5)), attachments)],
  attachmentLengths: [1_000, 0],
};

describe("a gRPC message", () => {
  it("is written as the generated code writes it", () => {
    const expected = Buffer.from(AttachRequest.encode({ batch, attachments }).finish());
    expect(encodeGrpcMessage(Batch.encode(batch).finish(), attachments)).toEqual(expected);
  });

  it("is read as the generated code reads it, with attachments that are aligned", () => {
    const read = decodeGrpcMessage(Buffer.from(AttachRequest.encode({ batch, attachments }).finish()));
    expect(read).toEqual({ frames: batch.frames, attachments });
    expect(read.attachments.map(({ byteOffset }) => byteOffset)).toEqual([0, 0]);
  });

  it("may be several joined by the sender", () => {
    const message = Buffer.from(AttachRequest.encode({ batch, attachments }).finish());
    const read = decodeGrpcMessage(Buffer.concat([message, message]));
    expect(read.frames).toEqual([...batch.frames, ...batch.frames]);
    expect(read.attachments).toEqual([...attachments, ...attachments]);
  });

  it("refuses garbage with one error, whatever it is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeGrpcMessage(bytes);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: "PROTOCOL_MISMATCH" });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
