import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Batch, type Frame } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chunkFrame, FrameCollector, idOf, patternBytes } from "../testing/frames.ts";
import { descriptorsOf, UnsentFile } from "../testing/unsent-file.ts";
import { SocketTransport } from "./socket-transport.ts";
import { UnsentRecords } from "./unsent-records.ts";

const LIMIT = 16 * 1024 * 1024;

let directory: string;
let server: Server;
let isAwaited = true;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
  server = createServer({ pauseOnConnect: true }).listen(join(directory, "host.sock"));
  await once(server, "listening");
});
afterAll(async () => {
  server.close();
  await once(server, "close");
  rmSync(directory, { recursive: true });
});

/** Returns a record with one chunk. */
function record(id: number, size: number, buffers: readonly Uint8Array[] = []): Buffer {
  const frame = chunkFrame(id, patternBytes(size), buffers);
  const batch = Batch.encode({ frames: [frame], attachmentLengths: buffers.map((each) => each.byteLength) }).finish();
  const length = Buffer.alloc(4);
  length.writeUInt32BE(batch.byteLength);
  return Buffer.concat([length, batch, ...buffers]);
}

/** A worker that sends bytes as the test decides, and the host's transport of its connection. */
class ScriptedWorker {
  readonly host: SocketTransport;
  readonly received: FrameCollector;
  readonly socket: Socket;
  readonly file: UnsentFile;
  readonly records: UnsentRecords;
  /** The number of bytes that were sent. */
  #sent = 0;
  #nextId = 1;

  private constructor(accepted: Socket, socket: Socket, received: FrameCollector) {
    this.socket = socket;
    this.received = received;
    this.file = new UnsentFile(directory);
    this.records = UnsentRecords.open(directory, this.file.name) as UnsentRecords;
    this.host = new SocketTransport(accepted, LIMIT);
    this.host.readUnsent(this.records, () => (isAwaited ? "more" : "nothing"));
    this.host.deliverTo(received);
  }

  static async start(received = new FrameCollector()): Promise<ScriptedWorker> {
    isAwaited = true;
    const socket = connect(join(directory, "host.sock"));
    socket.on("error", () => socket.destroy());
    const [[accepted]] = (await Promise.all([once(server, "connection"), once(socket, "connect")])) as [
      [Socket],
      unknown,
    ];
    return new ScriptedWorker(accepted, socket, received);
  }

  /** The IDs of the records that the host has received, in order. */
  get ids(): (number | undefined)[] {
    return this.received.collected.map(({ frame }) => idOf(frame));
  }

  /** The number of records that were held or sent. */
  get recordCount(): number {
    return this.#nextId - 1;
  }

  /** Holds a record; sends it if it does not fit. */
  hold(size: number): void {
    const held = record(this.#nextId++, size);
    if (!this.file.add(held, this.#sent)) this.write(Buffer.concat([this.file.take(), held]));
  }

  /** Returns what is held, followed by another record, all of which must be written next. */
  takeWith(size: number, buffers?: readonly Uint8Array[]): Buffer {
    return Buffer.concat([this.file.take(), record(this.#nextId++, size, buffers)]);
  }

  /** Returns what is held, which must be written next. */
  take(): Buffer {
    return this.file.take();
  }

  write(bytes: Uint8Array): void {
    this.#sent += bytes.byteLength;
    this.socket.write(bytes);
  }

  /** Waits until the host has received a number of records. */
  async arrived(records: number): Promise<void> {
    await this.received.atLeast(records);
  }

  /** Ends the process of the worker. */
  async die(): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write("", () => resolve()));
    this.socket.destroy();
  }

  /** Checks that all has been released. */
  released(): void {
    this.file[Symbol.dispose]();
    expect(descriptorsOf(this.file.path)).toBe(0);
  }
}

const CLOSED_BY_PEER = { is: "closed-by-peer", midRecord: false };

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Starts a worker whose first record has arrived, and which holds the second one while none is awaited. */
async function holdingUnawaited(): Promise<ScriptedWorker> {
  const worker = await ScriptedWorker.start();
  isAwaited = false;
  worker.write(worker.takeWith(10));
  await worker.arrived(1);
  worker.hold(10);
  return worker;
}

describe("the unsent records of a worker are delivered", () => {
  test("when the connection ends", async () => {
    const worker = await ScriptedWorker.start();
    isAwaited = false;
    worker.write(worker.takeWith(10));
    worker.hold(20);
    worker.hold(30);
    await worker.die();
    expect(await worker.host.closed).toEqual(CLOSED_BY_PEER);
    expect(worker.ids).toEqual([1, 2, 3]);
    worker.released();
  });

  test("when the connection ends and nothing was ever sent on it", async () => {
    const worker = await ScriptedWorker.start();
    worker.hold(20);
    await worker.die();
    expect(await worker.host.closed).toEqual(CLOSED_BY_PEER);
    expect(worker.ids).toEqual([1]);
    worker.released();
  });

  test("when nothing arrives for a while, again and again", async () => {
    const worker = await ScriptedWorker.start();
    worker.write(worker.takeWith(10));
    for (let count = 2; count <= 6; count++) {
      worker.hold(10);
      await worker.arrived(count);
    }
    expect(worker.ids).toEqual(upTo(6));
    await worker.die();
    expect(await worker.host.closed).toEqual(CLOSED_BY_PEER);
    expect(worker.ids).toEqual(upTo(6));
    worker.released();
  });

  test("not while none is awaited, but again after something has arrived", async () => {
    const worker = await holdingUnawaited();
    isAwaited = true;
    // Nothing is read before the next bytes arrive.
    expect(worker.ids).toEqual([1]);
    worker.write(worker.takeWith(10));
    await worker.arrived(3);
    worker.hold(10);
    await worker.arrived(4);
    expect(worker.ids).toEqual(upTo(4));
    await worker.die();
    await worker.host.closed;
    worker.released();
  });

  test("when more is awaited since this side has sent something", async () => {
    const worker = await holdingUnawaited();
    isAwaited = true;
    worker.host.send({ kind: { $case: "drain", value: {} } });
    await worker.arrived(2);
    await worker.die();
    await worker.host.closed;
    worker.released();
  });

  test("when this side closes the connection", async () => {
    const worker = await holdingUnawaited();
    worker.socket.resume();
    expect(await worker.host.close()).toEqual({ is: "closed-here" });
    expect(worker.ids).toEqual([1, 2]);
    worker.released();
  });

  test("although the worker has died in the middle of the write that sends them", async () => {
    for (const cut of [0, 1, 30, 60]) {
      const worker = await ScriptedWorker.start();
      isAwaited = false;
      worker.hold(20);
      worker.hold(20);
      const bytes = worker.takeWith(200);
      worker.write(bytes.subarray(0, cut));
      await worker.die();
      expect(await worker.host.closed).toEqual(CLOSED_BY_PEER);
      expect(worker.ids).toEqual([1, 2]);
      worker.released();
    }
  });

  test("but a record that was not held is lost with the rest of a write, which is reported", async () => {
    const worker = await ScriptedWorker.start();
    worker.hold(20);
    const bytes = worker.takeWith(200);
    worker.write(bytes.subarray(0, -1));
    await worker.die();
    expect(await worker.host.closed).toEqual({ is: "closed-by-peer", midRecord: true });
    expect(worker.ids).toEqual([1]);
    worker.released();
  });
});

describe("bytes that were read from the file are skipped when they arrive", () => {
  test.each([1, 2, 7, 1_000])("in pieces of %d bytes", async (piece) => {
    const worker = await ScriptedWorker.start();
    worker.write(worker.takeWith(10));
    worker.hold(20);
    await worker.arrived(2);
    // The next one is in the file too when the rest of them arrives.
    worker.hold(20);
    const bytes = worker.takeWith(30);
    for (let start = 0; start < bytes.byteLength; start += piece) {
      worker.write(bytes.subarray(start, start + piece));
      await nextTurn();
    }
    await worker.arrived(4);
    worker.write(worker.takeWith(40));
    await worker.arrived(5);
    expect(worker.ids).toEqual(upTo(5));
    await worker.die();
    await worker.host.closed;
    worker.released();
  });

  test("with a large attachment after them", async () => {
    const worker = await ScriptedWorker.start();
    worker.write(worker.takeWith(10));
    worker.hold(20);
    await worker.arrived(2);
    const large = patternBytes(1_000_000);
    worker.write(worker.takeWith(30, [large, patternBytes(10)]));
    worker.write(worker.takeWith(10));
    const collected = await worker.received.atLeast(4);
    expect(worker.ids).toEqual(upTo(4));
    expect(collected[2]?.buffers.map((buffer) => Buffer.from(buffer).equals(patternBytes(buffer.byteLength)))).toEqual([
      true,
      true,
    ]);
    await worker.die();
    await worker.host.closed;
    worker.released();
  });
});

describe("the end of a connection", () => {
  test("by abort() delivers nothing more, and closes the file", async () => {
    const worker = await ScriptedWorker.start();
    worker.write(worker.takeWith(10));
    await worker.arrived(1);
    worker.hold(20);
    const error = new SnakepitError("WORKER_HUNG", "the test aborts it");
    worker.host.abort(error);
    expect(descriptorsOf(worker.file.path)).toBe(1);
    expect(await worker.host.closed).toEqual({ is: "aborted", error });
    expect(worker.ids).toEqual([1]);
    worker.released();
  });

  test.each(["abort", "close"] as const)(
    "by %s() while a record of the file is delivered ends the delivery",
    async (how) => {
      const collector = new (class extends FrameCollector {
        override frame(frame: Frame, buffers: readonly Uint8Array[]): void {
          super.frame(frame, buffers);
          if (idOf(frame) !== 2) return;
          if (how === "abort") worker.host.abort(new SnakepitError("INTERNAL", "the test aborts it"));
          else void worker.host.close();
        }
      })();
      const worker = await ScriptedWorker.start(collector);
      worker.socket.resume();
      worker.write(worker.takeWith(10));
      await worker.arrived(1);
      worker.hold(20);
      worker.hold(20);
      const { is } = await worker.host.closed;
      expect(is).toBe(how === "abort" ? "aborted" : "closed-here");
      expect(worker.ids).toEqual([1, 2]);
      await worker.die();
      worker.released();
    },
  );

  test("by an invalid record in the file is a violation of the protocol", async () => {
    const worker = await ScriptedWorker.start();
    worker.write(worker.takeWith(10));
    await worker.arrived(1);
    worker.file.add(Buffer.from([0, 0, 0, 2, 0xff, 0xff]), record(1, 10).byteLength);
    expect(await worker.host.closed).toMatchObject({ is: "aborted", error: { code: "PROTOCOL_MISMATCH" } });
    worker.released();
  });

  test("not at all if the file cannot be read, which ends the connection", async () => {
    const worker = await ScriptedWorker.start();
    const failing = {
      read: () => {
        throw new Error("EIO: i/o error, read");
      },
      close: () => worker.records.close(),
    };
    worker.host.readUnsent(failing as unknown as UnsentRecords, () => "more");
    worker.write(worker.takeWith(10));
    expect(await worker.host.closed).toMatchObject({
      is: "aborted",
      error: { code: "INTERNAL", message: expect.stringContaining("EIO: i/o error, read") },
    });
    worker.released();
  });
});

type Step =
  | { readonly is: "hold"; readonly size: number }
  | { readonly is: "send"; readonly size: number; readonly cut: number; readonly attaches: boolean }
  | { readonly is: "flush"; readonly cut: number }
  | { readonly is: "wait" };

const cut = fc.double({ min: 0, max: 1, noNaN: true });
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ is: fc.constant("hold" as const), size: fc.nat(3_000) }), weight: 4 },
  fc.record({ is: fc.constant("send" as const), size: fc.nat(50_000), cut, attaches: fc.boolean() }),
  fc.record({ is: fc.constant("flush" as const), cut }),
  fc.record({ is: fc.constant("wait" as const) }),
);

test("each record is delivered once and in order, however it is sent and whenever the worker dies", async () => {
  const ending = fc.oneof(fc.constant("close" as const), fc.constant("in a write" as const));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), ending, cut, async (steps, end, at) => {
      const worker = await ScriptedWorker.start();
      worker.write(worker.takeWith(1));
      const inPieces = async (bytes: Buffer, share: number) => {
        const first = Math.floor(bytes.byteLength * share);
        worker.write(bytes.subarray(0, first));
        await nextTurn();
        worker.write(bytes.subarray(first));
      };
      for (const each of steps) {
        if (each.is === "hold") worker.hold(each.size);
        else if (each.is === "flush") await inPieces(worker.take(), each.cut);
        else if (each.is === "send") {
          await inPieces(worker.takeWith(each.size, each.attaches ? [patternBytes(each.size)] : []), each.cut);
        } else await worker.arrived(worker.recordCount);
        expect(worker.ids).toEqual(upTo(worker.ids.length));
      }
      let expected = worker.recordCount;
      if (end === "in a write") {
        const bytes = worker.takeWith(100);
        const sent = Math.floor(bytes.byteLength * at);
        worker.write(bytes.subarray(0, sent));
        expected += sent === bytes.byteLength ? 1 : 0;
      }
      await worker.die();
      expect((await worker.host.closed).is).toBe("closed-by-peer");
      expect(worker.ids).toEqual(upTo(expected));
      for (const { frame } of worker.received.collected) {
        const body = frame.kind?.$case === "chunk" ? frame.kind.value.value?.body : undefined;
        expect(Buffer.from(body ?? []).equals(patternBytes(body?.byteLength ?? 1))).toBe(true);
      }
      worker.released();
    }),
    { numRuns: 100 },
  );
});
