import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Batch, encodeValue, PayloadFormat } from "@snakepit/bridge-proto";
import { expect, test } from "vitest";
import { CallRecorder } from "../testing/call-recorder.ts";
import { linkedWorker, sampleCall } from "../testing/linked-worker.ts";
import { UnsentFile } from "../testing/unsent-file.ts";
import { UnsentRecords } from "../transports/unsent-records.ts";

/** Returns the record that answers a call. */
function answerRecord(id: number, answer: unknown): Buffer {
  const value = { format: PayloadFormat.MESSAGEPACK, body: encodeValue(answer).body, bufferLengths: [] };
  const result = { $case: "result" as const, value: { id, value, executionUs: 5 } };
  const batch = Batch.encode({ frames: [{ kind: result }], attachmentLengths: [] }).finish();
  const length = Buffer.alloc(4);
  length.writeUInt32BE(batch.byteLength);
  return Buffer.concat([length, batch]);
}

test("an answer is read that the worker holds since it answered a lone call, before which nothing was awaited", async () => {
  const directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
  using file = new UnsentFile(directory);
  const unsent = UnsentRecords.open(directory, file.name) as UnsentRecords;
  await using linked = await linkedWorker(undefined, { unsent });
  const { link, worker } = linked;
  const [lone, quick, slow] = [new CallRecorder(), new CallRecorder(), new CallRecorder()];
  const first = link.dispatch(sampleCall(), lone);
  await worker.received(0);
  worker.result(first.id, "lone");
  expect(await lone.over).toMatchObject({ is: "value", value: "lone" });
  const second = link.dispatch(sampleCall(), quick);
  link.dispatch(sampleCall(), slow);
  // Nothing more arrives on the connection: the third call takes long.
  expect(file.add(answerRecord(second.id, "quick"), worker.transport.bytesSent)).toBe(true);
  expect(await quick.over).toMatchObject({ is: "value", value: "quick" });
  rmSync(directory, { recursive: true });
});
