import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CallRecorder } from "../testing/call-recorder.ts";
import { type LinkedWorker, linkedWorker, sampleCall } from "../testing/linked-worker.ts";
import type { WireWorker } from "../testing/wire-worker.ts";
import { StartPermits } from "./start-permits.ts";
import type { WorkerLink } from "./worker-link.ts";

const died = (callId: string) => new SnakepitError("WORKER_CRASHED", "it died", { callId });

describe("calls that a WorkerLink sends ahead", () => {
  let directory: string;
  let descriptor: number;
  let linked: LinkedWorker;
  let link: WorkerLink;
  let worker: WireWorker;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
    const path = join(directory, "permits");
    execFileSync("mkfifo", [path]);
    descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    linked = await linkedWorker(undefined, { permits: StartPermits.open(directory, "permits")! });
    ({ link, worker } = linked);
  });

  afterEach(async () => {
    await linked[Symbol.asyncDispose]();
    closeSync(descriptor);
    rmSync(directory, { recursive: true });
  });

  /** Takes the next permit, as the worker does. */
  function takePermit(): number | undefined {
    const permit = Buffer.alloc(4);
    try {
      readSync(descriptor, permit, 0, 4, null);
    } catch {
      return undefined;
    }
    return permit.readUInt32LE(0);
  }

  it("have their permits in the pipe when their frames arrive, in the same order", async () => {
    expect(link.maxAhead).toBe(1_000);
    link.dispatch(sampleCall(), new CallRecorder());
    link.sendAhead(sampleCall(), new CallRecorder());
    link.sendAhead(sampleCall(), new CallRecorder());
    const calls = [await worker.call(0), await worker.call(1), await worker.call(2)];
    expect(calls.map(({ ahead }) => ahead)).toEqual([false, true, true]);
    expect([takePermit(), takePermit(), takePermit()]).toEqual([calls[1]!.id, calls[2]!.id, undefined]);
  });

  it("settle like others when they have started", async () => {
    const observers = [new CallRecorder(), new CallRecorder()];
    const [first, second] = observers.map((observer) => link.sendAhead(sampleCall(), observer));
    const [{ id }, other] = [await worker.call(0), await worker.call(1)];
    takePermit();
    expect(first!.recall()).toBe(false);
    // The worker may have found no permit while the host looked for the first one.
    expect(await worker.receivedKind(2, "recall")).toEqual({ ids: [] });
    expect(takePermit()).toBe(other.id);
    worker.result(id, 42);
    expect(await observers[0]!.over).toMatchObject({ is: "value", value: 42 });
    // The worker had missed nothing.
    expect(second!.recall()).toBe(false);
    link.drain();
    expect(await worker.receivedKind(3, "drain")).toEqual({});
    worker.result(other.id, 43);
    expect(await observers[1]!.over).toMatchObject({ is: "value", value: 43 });
  });

  it("report the execution time of the worker", async () => {
    const observers = [new CallRecorder(), new CallRecorder()];
    for (const observer of observers) link.dispatch(sampleCall(), observer);
    const [first, second] = [await worker.call(0), await worker.call(1)];
    worker.send({ $case: "result", value: { id: first.id, value: first.args, executionUs: 1_500 } });
    worker.result(second.id, 1);
    expect(await observers[0]!.over).toMatchObject({ is: "value", executionMs: 1.5 });
    expect(await observers[1]!.over).toMatchObject({ is: "value", executionMs: undefined });
  });

  it("can be recalled: they are forgotten, and their observers are not called", async () => {
    const observers = [new CallRecorder(), new CallRecorder()];
    const [first] = observers.map((observer) => link.sendAhead(sampleCall(), observer));
    const { id } = await worker.call(0);
    const kept = await worker.call(1);
    expect(first!.recall()).toBe(true);
    expect(first!.recall()).toBe(false);
    first!.cancel("cancelled");
    first!.grant(1);
    expect(await worker.receivedKind(2, "recall")).toEqual({ ids: [id] });
    expect(link.activeCalls).toBe(1);
    expect([takePermit(), takePermit()]).toEqual([kept.id, undefined]);
    worker.result(kept.id, 1);
    await observers[1]!.over;
    expect(observers[0]!.outcomes).toEqual([]);
  });

  it("can be recalled before they are sent: the frames follow, and the worker finds no permit", async () => {
    const call = link.sendAhead(sampleCall(), new CallRecorder());
    expect(call.recall()).toBe(true);
    const { id } = await worker.call(0);
    expect(await worker.receivedKind(1, "recall")).toEqual({ ids: [id] });
    expect(takePermit()).toBeUndefined();
  });

  it("cannot be recalled if they were dispatched in the usual way, and no frame is sent", async () => {
    const call = link.dispatch(sampleCall(), new CallRecorder());
    expect(call.recall()).toBe(false);
    link.drain();
    expect(await worker.receivedKind(1, "drain")).toEqual({});
  });

  it("are lost if they had started when the worker ended, and otherwise not started", async () => {
    const observers = Array.from({ length: 4 }, () => new CallRecorder());
    link.dispatch(sampleCall({ correlationId: "dispatched" }), observers[0]!);
    const started = link.sendAhead(sampleCall({ correlationId: "started" }), observers[1]!);
    for (const observer of observers.slice(2)) link.sendAhead(sampleCall({ correlationId: "waiting" }), observer);
    await worker.call(3);
    expect(takePermit()).toBeDefined();
    await worker.transport.close();
    await link.closed;
    link.settleActive(died);
    expect(observers.map(({ outcomes }) => outcomes.map((outcome) => outcome.is))).toEqual([
      ["lost"],
      ["lost"],
      ["not-started"],
      ["not-started"],
    ]);
    expect(started.recall()).toBe(false);
    expect(link.activeCalls).toBe(0);
  });

  it("can be recalled after the connection was lost, until the link is settled", async () => {
    const observers = [new CallRecorder(), new CallRecorder()];
    const calls = observers.map((observer) => link.sendAhead(sampleCall(), observer));
    await worker.call(1);
    await worker.transport.close();
    await link.closed;
    expect(calls[0]!.recall()).toBe(true);
    link.settleActive(died);
    expect(calls[1]!.recall()).toBe(false);
    expect(observers.map(({ outcomes }) => outcomes.length)).toEqual([0, 1]);
    const later = new CallRecorder();
    link.sendAhead(sampleCall(), later);
    // It was never sent.
    expect(await later.over).toMatchObject({ is: "not-started", error: { code: "WORKER_CRASHED" } });
  });

  it("are recalled by the observer of a lost call, and settle once", async () => {
    const waiting = new CallRecorder();
    const recalled: boolean[] = [];
    const lost = {
      chunk() {},
      settled: () => recalled.push(second.recall()),
    };
    link.dispatch(sampleCall(), lost);
    const second = link.sendAhead(sampleCall(), waiting);
    await worker.call(1);
    await worker.transport.close();
    await link.closed;
    link.settleActive(died);
    expect(recalled).toEqual([true]);
    expect(waiting.outcomes).toEqual([]);
  });
});

it("a link without permits sends no call ahead", async () => {
  await using linked = await linkedWorker();
  expect(linked.link.maxAhead).toBe(0);
  const call = linked.link.sendAhead(sampleCall(), new CallRecorder());
  expect((await linked.worker.call(0)).ahead).toBe(false);
  expect(call.recall()).toBe(false);
});
