import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesOf, type Contestant, float64Of, type Visitor } from "./contestant.ts";
import { loadPeer } from "./peer-package.ts";
import { ServerProcess } from "./server-process.ts";

/** The parts of zeromq that are used. */
interface ZeroMqModule {
  readonly Dealer: new (options: object) => Dealer;
}

interface Dealer extends AsyncIterable<readonly Buffer[]> {
  bind(address: string): Promise<void>;
  send(message: Uint8Array | readonly Uint8Array[]): Promise<void>;
  receive(): Promise<readonly Buffer[]>;
  close(): void;
}

/** The parts of msgpackr that are used. */
interface MsgpackrModule {
  readonly Packr: new (options: object) => { pack(value: unknown): Buffer; unpack(bytes: Buffer): unknown };
}

/** ID, value or chunk, and what it is: `null` for a value, `true` for a chunk, `false` for an error. */
type Answer = readonly [id: number, value: unknown, mark: boolean | null];

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
  readonly onChunk: ((value: number) => void) | undefined;
}

const { Packr } = loadPeer<MsgpackrModule>("msgpackr");
const { Dealer } = loadPeer<ZeroMqModule>("zeromq");
// Without its extension of MessagePack for records, which the Python side does not have.
const packr = new Packr({ useRecords: false });

/** A pair of DEALER sockets: this one, and that of a Python process. */
class Worker {
  readonly waiting = new Map<number, Call>();
  readonly process: ServerProcess;
  readonly #socket: Dealer;
  readonly #outgoing: (Uint8Array | readonly Uint8Array[])[] = [];
  #isSending = false;
  #next = 0;

  private constructor(process: ServerProcess, socket: Dealer) {
    this.process = process;
    this.#socket = socket;
  }

  static async start(address: string): Promise<Worker> {
    const socket = new Dealer({ sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 });
    await socket.bind(address);
    const child = ServerProcess.begin("zeromq_worker.py", [address]);
    await socket.receive();
    const worker = new Worker(child, socket);
    void worker.#receive();
    return worker;
  }

  run<T>(tool: string, args: object | null, body?: Uint8Array, onChunk?: (value: number) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const id = this.#next++;
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, onChunk });
      const message = packr.pack([id, tool, args]);
      this.#outgoing.push(message);
      // The worker receives a body as the next message.
      if (body !== undefined) this.#outgoing.push(body);
      if (!this.#isSending) void this.#send();
    });
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.process[Symbol.asyncDispose]();
  }

  /** The library permits one send at a time. */
  async #send(): Promise<void> {
    this.#isSending = true;
    for (let message = this.#outgoing.shift(); message !== undefined; message = this.#outgoing.shift()) {
      await this.#socket.send(message);
    }
    this.#isSending = false;
  }

  async #receive(): Promise<void> {
    for await (const [message, body] of this.#socket) {
      const [id, value, mark] = packr.unpack(message ?? Buffer.alloc(0)) as Answer;
      const call = this.waiting.get(id);
      if (mark === true) {
        call?.onChunk?.(value as number);
        continue;
      }
      this.waiting.delete(id);
      if (mark === null) call?.resolve(body ?? value);
      else call?.reject(new Error(String(value)));
    }
  }
}

/** Workers behind ZeroMQ sockets with MessagePack. A call goes to the worker with the fewest calls, ahead. */
export class ZeroMqPool implements Contestant {
  readonly #workers: readonly Worker[];

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
  }

  static async start(workers: number): Promise<ZeroMqPool> {
    const folder = mkdtempSync(join(tmpdir(), "peer-"));
    const addresses = Array.from({ length: workers }, (_, index) => `ipc://${folder}/${index}.sock`);
    return new ZeroMqPool(await Promise.all(addresses.map((address) => Worker.start(address))));
  }

  get pids(): readonly number[] {
    return this.#workers.map((worker) => worker.process.pid);
  }

  add(a: number, b: number): Promise<number> {
    return this.#leastBusy().run<number>("add", { a, b });
  }

  visit(records: readonly Visitor[]): Promise<readonly Visitor[]> {
    return this.#leastBusy().run<readonly Visitor[]>("visit", { records });
  }

  totalVisits(records: readonly Visitor[]): Promise<number> {
    return this.#leastBusy().run<number>("total_visits", { records });
  }

  async echo(values: Float64Array): Promise<Float64Array> {
    return float64Of(await this.#leastBusy().run<Buffer>("echo", null, bytesOf(values)));
  }

  async count(to: number, each: (value: number) => void): Promise<void> {
    await this.#leastBusy().run("count", { to }, undefined, each);
  }

  work(ms: number): Promise<number> {
    return this.#leastBusy().run<number>("work", { ms });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  #leastBusy(): Worker {
    const [first, ...others] = this.#workers;
    if (first === undefined) throw new Error("the pool has no workers");
    let least = first;
    for (const worker of others) if (worker.waiting.size < least.waiting.size) least = worker;
    return least;
  }
}
