import type { EncodedValue, HostRequests, WorkerRequest } from "@snakepit/core";
import { SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { PendingRequests } from "./pending-requests.ts";

const request: WorkerRequest = {
  method: "variables.get",
  payload: undefined,
  pool: "default",
  workerId: "default-1",
  call: undefined,
  deadline: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
};

const encoded = (byte: number): EncodedValue => ({ body: Uint8Array.of(byte), buffers: [], byteLength: 1 });

const answering: HostRequests = {
  handle: async () => encoded(1),
  async *stream() {
    yield encoded(2);
    yield encoded(3);
  },
};

async function bytesOf(stream: AsyncIterable<EncodedValue>): Promise<(number | undefined)[]> {
  const bytes: (number | undefined)[] = [];
  for await (const { body } of stream) bytes.push(body[0]);
  return bytes;
}

test("requests during the opening of the state are handled once it is open, and later ones immediately", async () => {
  const { promise, resolve } = Promise.withResolvers<HostRequests>();
  const requests = new PendingRequests(promise);
  const early = requests.handle(request);
  const earlyStream = bytesOf(requests.stream(request));
  resolve(answering);
  expect((await early).body).toEqual(Uint8Array.of(1));
  expect(await earlyStream).toEqual([2, 3]);
  expect((await requests.handle(request)).body).toEqual(Uint8Array.of(1));
  expect(await bytesOf(requests.stream(request))).toEqual([2, 3]);
});

test("requests fail with the error of a state that cannot be opened, without an unhandled rejection", async () => {
  const error = new SnakepitError("REGISTRY_UNAVAILABLE", "the database is away");
  const requests = new PendingRequests(Promise.reject(error));
  await expect(requests.handle(request)).rejects.toBe(error);
  await expect(bytesOf(requests.stream(request))).rejects.toBe(error);
});
