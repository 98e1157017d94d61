import { AttachRequest, Batch } from "@snakepit/bridge-proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkFrame, creditFrame, patternBytes } from "../testing/frames.ts";
import { decodeGrpcMessage, encodeGrpcMessage } from "./grpc-message.ts";

const attachments = [patternBytes(1_000), new Uint8Array(0)].map((bytes) => Buffer.from(bytes));
const batch = {
  frames: [creditFrame(1), chunkFrame(2, Buffer.from(patternBytes(5)), attachments)],
  attachmentLengths: [1_000, 0],
};

describe("a gRPC message", () => {
  it("is encoded like the generated code encodes it", () => {
    const expected = Buffer.from(AttachRequest.encode({ batch, attachments }).finish());
    expect(encodeGrpcMessage(Batch.encode(batch).finish(), attachments)).toEqual(expected);
  });

  it("is decoded like the generated code decodes it, with aligned attachments", () => {
    const read = decodeGrpcMessage(Buffer.from(AttachRequest.encode({ batch, attachments }).finish()));
    expect(read).toEqual({ frames: batch.frames, attachments });
    expect(read.attachments.map(({ byteOffset }) => byteOffset)).toEqual([0, 0]);
  });

  it("may be a concatenation of several messages", () => {
    const message = Buffer.from(AttachRequest.encode({ batch, attachments }).finish());
    const read = decodeGrpcMessage(Buffer.concat([message, message]));
    expect(read.frames).toEqual([...batch.frames, ...batch.frames]);
    expect(read.attachments).toEqual([...attachments, ...attachments]);
  });

  it("rejects all invalid bytes with the same error", () => {
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
