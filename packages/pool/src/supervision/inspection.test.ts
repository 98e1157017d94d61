import { SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { FakeWorker } from "../testing/fake-worker.ts";
import { inspectWorker } from "./inspection.ts";

const TOOL = { name: "$report", args: { body: new Uint8Array(), buffers: [], byteLength: 0 } };

function busyWorker(): FakeWorker {
  const worker = new FakeWorker("w1", 1, { capacity: 1 });
  worker.dispatch(
    {
      tool: "add",
      args: TOOL.args,
      streaming: false,
      credit: 0,
      deadline: Number.POSITIVE_INFINITY,
      correlationId: "c",
    },
    { chunk: () => {}, settled: () => {} },
  );
  return worker;
}

test("asks a worker that has no capacity", async () => {
  const worker = busyWorker();
  const value = inspectWorker({ handle: worker }, TOOL, { timeoutMs: Number.POSITIVE_INFINITY });
  const [, call] = worker.received;
  expect(call?.call.tool).toBe("$report");
  call?.value({ mode: "warn" });
  expect(await value).toEqual({ mode: "warn" });
});

test("rejects with the error of the worker", async () => {
  const worker = busyWorker();
  const value = inspectWorker({ handle: worker }, TOOL, { timeoutMs: Number.POSITIVE_INFINITY });
  worker.received[1]?.fail(new SnakepitError("UNKNOWN_TOOL", "no such tool"));
  await expect(value).rejects.toMatchObject({ code: "UNKNOWN_TOOL" });
});

test("resolves without a value when the worker ends", async () => {
  const worker = busyWorker();
  const value = inspectWorker({ handle: worker }, TOOL, { timeoutMs: Number.POSITIVE_INFINITY });
  worker.received[1]?.lose(new SnakepitError("WORKER_CRASHED", "ended"));
  expect(await value).toBeUndefined();
});

test("gives up a worker that does not answer in time", async () => {
  const worker = busyWorker();
  const value = inspectWorker({ handle: worker }, TOOL, { timeoutMs: 1 });
  await expect(value).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", workerId: "w1" });
  expect(worker.calls.map(({ call }) => call.tool)).toEqual(["add"]);
});

test("stops waiting when its signal aborts, and does not ask with an aborted signal", async () => {
  const worker = busyWorker();
  const abort = new AbortController();
  const limits = { timeoutMs: Number.POSITIVE_INFINITY, signal: abort.signal };
  const value = inspectWorker({ handle: worker }, TOOL, limits);
  abort.abort(new Error("enough"));
  await expect(value).rejects.toMatchObject({ code: "CANCELLED", cause: { message: "enough" } });
  await expect(inspectWorker({ handle: worker }, TOOL, limits)).rejects.toMatchObject({ code: "CANCELLED" });
  expect(worker.received).toHaveLength(2);
});
