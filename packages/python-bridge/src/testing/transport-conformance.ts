import { Buffer } from "node:buffer";
import { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FrameTransport } from "../transports/frame-transport.ts";
import { chunkFrame, creditFrame, FrameCollector, idOf, patternBytes } from "./frames.ts";

/** The other end of a connection, without a transport: it can violate the protocol. */
export interface RawPeer {
  /** Sends bytes that are not a batch, framed as the transport requires. */
  sendGarbage(): void;
  /** Sends, or at least announces, a record of more than `bytes`. */
  sendLongerThan(bytes: number): void;
  /** Sends the beginning of a record and disconnects. */
  sendHalfAndGo(): void;
  /** Reads nothing until `read()`. */
  dontRead(): void;
  read(): void;
  /** Disconnects without a message. */
  vanish(): void;
}

/** Creates connections of one transport. */
export interface TransportHarness {
  /** A connection with a transport on either end. */
  connect(maxRecordBytes?: number): Promise<{ readonly host: FrameTransport; readonly worker: FrameTransport }>;
  connectRaw(maxRecordBytes?: number): Promise<{ readonly host: FrameTransport; readonly peer: RawPeer }>;
  close(): Promise<void>;
}

/** Defines the conformance tests of a transport. */
export function describeTransport(name: string, open: () => Promise<TransportHarness>): void {
  describe(`${name} transport`, () => {
    let harness: TransportHarness;

    beforeEach(async () => {
      harness = await open();
    });

    afterEach(() => harness.close());

    it("delivers frames both ways in the order in which they were sent", async () => {
      const { host, worker } = await harness.connect();
      const atHost = listen(host);
      const atWorker = listen(worker);
      for (let id = 0; id < 100; id++) {
        host.send(creditFrame(id));
        worker.send(chunkFrame(id, patternBytes(id)));
      }
      expect((await atWorker.atLeast(100)).map(({ frame }) => idOf(frame))).toEqual(Array.from({ length: 100 }, count));
      expect((await atHost.atLeast(100)).map(({ frame }) => idOf(frame))).toEqual(Array.from({ length: 100 }, count));
      expect(atHost.collected[99]?.frame).toEqual(chunkFrame(99, Buffer.from(patternBytes(99))));
    });

    it("sends all frames of one turn of the event loop, promise callbacks included, as one batch", async () => {
      const { host, worker } = await harness.connect();
      const atWorker = listen(worker);
      listen(host);
      host.send(creditFrame(1));
      await atWorker.atLeast(1);
      const lone = host.bytesSent;

      host.send(creditFrame(2));
      await Promise.resolve();
      await Promise.resolve();
      host.send(creditFrame(3));
      await atWorker.atLeast(3);
      const together = host.bytesSent - lone;
      expect(together).toBeLessThan(2 * lone);
    });

    it("transfers attachments of any size, each in separate aligned memory", async () => {
      const { host, worker } = await harness.connect(64 * 1024 * 1024);
      const atHost = listen(host);
      listen(worker);
      const first = [patternBytes(3), new Uint8Array(0), patternBytes(300_001)];
      const second = [new Uint8Array(0)];
      worker.send(chunkFrame(1, patternBytes(5), first), first);
      worker.send(creditFrame(2));
      worker.send(chunkFrame(3, patternBytes(5), second), second);
      worker.send(chunkFrame(4, patternBytes(5)));
      const arrived = await atHost.atLeast(4);
      expect(arrived.map(({ buffers }) => buffers.map((buffer) => buffer.byteLength))).toEqual([
        [3, 0, 300_001],
        [],
        [0],
        [],
      ]);
      expect(arrived[0]?.buffers.every((buffer, i) => Buffer.compare(buffer, first[i]!) === 0)).toBe(true);
      expect(arrived.flatMap(({ buffers }) => buffers.map((buffer) => buffer.byteOffset))).toEqual([0, 0, 0, 0]);
    });

    it("transfers an attachment of 50 MB", async () => {
      const { host, worker } = await harness.connect(64 * 1024 * 1024);
      const atHost = listen(host);
      listen(worker);
      const large = patternBytes(50 * 1000 * 1000);
      worker.send(chunkFrame(1, patternBytes(1), [large]), [large]);
      worker.send(creditFrame(2));
      const arrived = await atHost.atLeast(2);
      expect(Buffer.compare(arrived[0]!.buffers[0]!, large)).toBe(0);
      expect(idOf(arrived[1]!.frame)).toBe(2);
    });

    it("transfers a body of several megabytes", async () => {
      const { host, worker } = await harness.connect(64 * 1024 * 1024);
      const atWorker = listen(worker);
      listen(host);
      const body = patternBytes(5_000_003);
      host.send(chunkFrame(1, body));
      host.send(creditFrame(2));
      const [arrived] = await atWorker.atLeast(2);
      const kind = arrived!.frame.kind;
      expect(kind?.$case === "chunk" && Buffer.compare(kind.value.value!.body, body)).toBe(0);
    });

    it("transfers tens of thousands of small frames", async () => {
      const { host, worker } = await harness.connect();
      const atHost = listen(host);
      listen(worker);
      const body = patternBytes(20);
      for (let id = 0; id < 50_000; id++) worker.send(chunkFrame(id, body));
      const arrived = await atHost.atLeast(50_000);
      expect(arrived.every(({ frame }, index) => idOf(frame) === index)).toBe(true);
    });

    it("on a local close, delivers frames sent before, and both sides get the reason", async () => {
      const { host, worker } = await harness.connect();
      const atWorker = listen(worker);
      listen(host);
      host.send(creditFrame(1));
      expect(await host.close()).toEqual({ is: "closed-here" });
      expect(await host.close()).toEqual({ is: "closed-here" });
      expect(await worker.closed).toEqual({ is: "closed-by-peer", midRecord: false });
      expect(atWorker.collected.map(({ frame }) => idOf(frame))).toEqual([1]);
    });

    it("on a remote close, delivers frames sent before", async () => {
      const { host, worker } = await harness.connect();
      const atHost = listen(host);
      listen(worker);
      worker.send(creditFrame(1));
      const [closed] = await Promise.all([host.closed, worker.close()]);
      expect(closed).toEqual({ is: "closed-by-peer", midRecord: false });
      expect(atHost.collected.map(({ frame }) => idOf(frame))).toEqual([1]);
    });

    it("drops frames that are sent on a closed connection", async () => {
      const { host, worker } = await harness.connect();
      listen(worker);
      listen(host);
      await host.close();
      host.send(creditFrame(1));
      await host.drained();
      expect(await host.closed).toEqual({ is: "closed-here" });
    });

    it("detects a peer that disconnects", async () => {
      const { host, peer } = await harness.connectRaw();
      listen(host);
      peer.vanish();
      expect(await host.closed).toEqual({ is: "closed-by-peer", midRecord: false });
    });

    it("aborts with the error that was passed", async () => {
      const { host, worker } = await harness.connect();
      listen(worker);
      listen(host);
      const error = new SnakepitError("WORKER_HUNG", "the worker fell silent");
      host.abort(error);
      host.abort(new SnakepitError("INTERNAL", "too late"));
      expect(await host.closed).toEqual({ is: "aborted", error });
      expect((await worker.closed).is).not.toBe("closed-here");
    });

    it("aborts if the peer sends invalid bytes", async () => {
      const { host, peer } = await harness.connectRaw();
      listen(host);
      peer.sendGarbage();
      expect(await host.closed).toMatchObject({ is: "aborted", error: { code: "PROTOCOL_MISMATCH" } });
    });

    it("aborts if the peer sends a record over the limit", async () => {
      const { host, peer } = await harness.connectRaw(10_000);
      listen(host);
      peer.sendLongerThan(10_000);
      expect(await host.closed).toMatchObject({
        is: "aborted",
        error: { code: "PAYLOAD_TOO_LARGE", details: { limit: 10_000 } },
      });
    });

    it("aborts if attachments do not match the frames", async () => {
      const { host, worker } = await harness.connect();
      listen(worker);
      const atHost = listen(host);
      worker.send(chunkFrame(1, patternBytes(1)), [patternBytes(10)]);
      expect(await host.closed).toMatchObject({ is: "aborted", error: { code: "PROTOCOL_MISMATCH" } });
      expect(atHost.collected.length).toBeLessThanOrEqual(1);
    });

    it("aborts if the receiver rejects a frame, and delivers no further frame", async () => {
      const { host, worker } = await harness.connect();
      listen(worker);
      const received: unknown[] = [];
      const error = new SnakepitError("PROTOCOL_MISMATCH", "that was not expected");
      host.deliverTo({
        frame(frame) {
          received.push(idOf(frame));
          throw error;
        },
      });
      worker.send(creditFrame(1));
      worker.send(creditFrame(2));
      expect(await host.closed).toEqual({ is: "aborted", error });
      expect(received).toEqual([1]);
    });

    it("ends the connection for the peer even if frames are being written and queued when it aborts", async () => {
      const { host, worker } = await harness.connect();
      listen(worker);
      const error = new SnakepitError("PROTOCOL_MISMATCH", "that was not expected");
      host.deliverTo({
        frame() {
          host.send(creditFrame(2));
          throw error;
        },
      });
      host.send(chunkFrame(1, patternBytes(256 * 1024)));
      worker.send(creditFrame(1));
      expect(await host.closed).toEqual({ is: "aborted", error });
      expect((await worker.closed).is).not.toBe("closed-here");
    });

    it("reports a peer that disconnects within a record", async () => {
      const { host, peer } = await harness.connectRaw();
      const atHost = listen(host);
      peer.sendHalfAndGo();
      expect((await host.closed).is).toBe("closed-by-peer");
      expect(atHost.collected).toEqual([]);
    });

    it("buffers for a peer that does not read, and reports when the buffer is empty", async () => {
      const { host, peer } = await harness.connectRaw();
      listen(host);
      peer.dontRead();
      const large = patternBytes(8 * 1024 * 1024);
      host.send(chunkFrame(1, patternBytes(1), [large]), [large]);
      const drained = host.drained();
      expect(host.bufferedBytes).toBeGreaterThan(1024 * 1024);
      peer.read();
      await drained;
      expect(host.bufferedBytes).toBe(0);
      expect(host.bytesSent).toBeGreaterThan(large.byteLength);
    });

    it("closes after a time-out if the peer does not read", async () => {
      const { host, peer } = await harness.connectRaw();
      listen(host);
      peer.dontRead();
      const large = patternBytes(8 * 1024 * 1024);
      host.send(chunkFrame(1, patternBytes(1), [large]), [large]);
      expect(await host.close()).toEqual({ is: "closed-here" });
    });
  });
}

function listen(transport: FrameTransport): FrameCollector {
  const collector = new FrameCollector();
  transport.deliverTo(collector);
  return collector;
}

function count(_: unknown, index: number): number {
  return index;
}
