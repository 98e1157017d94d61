import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { valueCodec } from "@snakepit/bridge-proto";
import { noInstrumentation, type SnakepitError } from "@snakepit/core";
import { type OpenEndpoint, openEndpoint } from "@snakepit/python-bridge/testing/open-endpoint";
import { MemoryHost } from "@snakepit/sessions/testing/memory-host";
import { ownFootprint } from "../footprint.ts";
import type { Random } from "../inputs/random.ts";
import { batchInput, corruptRecord, encodedBatch, type Transport } from "../inputs/record-inputs.ts";
import type { FuzzTarget, OpenTarget, TargetRun } from "../target.ts";
import { messageProblem } from "./documented-errors.ts";
import { FuzzDialer, type FuzzWorker, helloRecord } from "./fuzz-worker.ts";
import { HostCalls } from "./host-calls.ts";
import { WORKER_FRAMES, workerMessages } from "./worker-messages.ts";

/** The endpoint of a host, over the socket of workers. */
export const HOST_SOCKET = hostTarget("host-socket", "socket", 60);
/** The endpoint of a host, over gRPC. */
export const HOST_GRPC = hostTarget("host-grpc", "grpc", 15);

const MAX_PAYLOAD_BYTES = 1024 * 1024;
/** Records on one connection. */
const MAX_RECORDS = 4;
/** Errors with which a host may end a connection. */
const VIOLATIONS: ReadonlySet<string> = new Set(["PROTOCOL_MISMATCH", "PAYLOAD_TOO_LARGE", "UNAUTHENTICATED"]);

function hostTarget(name: string, transport: Transport, share: number): FuzzTarget {
  return {
    name,
    about: `bytes of unknown clients and of accepted workers over ${transport} → the endpoint of a host`,
    share,
    open: (run) => FuzzedHost.open(run, transport),
  };
}

/** An endpoint and its fuzzed workers. */
class FuzzedHost implements OpenTarget {
  readonly #run: TargetRun;
  readonly #transport: Transport;
  readonly #endpoint: OpenEndpoint;
  readonly #dialer: FuzzDialer;
  readonly #release: () => Promise<void>;
  readonly #rejections: SnakepitError[];
  readonly #messages = workerMessages();
  #workers = 0;

  static async open(run: TargetRun, transport: Transport): Promise<FuzzedHost> {
    const directory = mkdtempSync(join(tmpdir(), "snakepit-fuzz-"));
    const memory = new MemoryHost(valueCodec(MAX_PAYLOAD_BYTES), "w1");
    const rejections: SnakepitError[] = [];
    const endpoint = await openEndpoint({
      directory,
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
      instrumentation: noInstrumentation,
      requests: HostCalls.requests(memory),
      onRejected: (error) => rejections.push(error),
    });
    const dialer = new FuzzDialer(transport, await endpoint.dialAddress(transport));
    const release = async () => {
      dialer.close();
      await endpoint[Symbol.asyncDispose]();
      await memory[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true });
    };
    return new FuzzedHost(run, transport, endpoint, dialer, rejections, release);
  }

  private constructor(
    run: TargetRun,
    transport: Transport,
    endpoint: OpenEndpoint,
    dialer: FuzzDialer,
    rejections: SnakepitError[],
    release: () => Promise<void>,
  ) {
    this.#run = run;
    this.#transport = transport;
    this.#endpoint = endpoint;
    this.#dialer = dialer;
    this.#rejections = rejections;
    this.#release = release;
  }

  /** The number of an input is that of the first record of its connection. */
  async send(first: number, end: number): Promise<void> {
    for (let from = first; from < end; ) {
      const random = this.#run.random(from);
      const records = Array.from({ length: 1 + random.below(MAX_RECORDS) }, () => this.#record(random));
      try {
        await (random.oneIn(4) ? this.#sendAsUnknown(records, random) : this.#sendAsWorker(records));
      } catch (thrown) {
        this.#run.fail(from, thrown instanceof Error ? thrown.message : String(thrown), ...records);
      }
      from += records.length;
    }
  }

  async check(): Promise<void> {
    const { worker, calls } = await this.#accepted();
    calls.answerFirst(this.#transport, worker);
    await calls.first;
    worker.end();
    await worker.closed;
    await calls.expectSettled();
  }

  async measure() {
    return [await ownFootprint()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release();
  }

  #record(random: Random): Buffer {
    const batch = batchInput(this.#messages, WORKER_FRAMES, random);
    return random.oneIn(3) ? corruptRecord(batch, this.#transport, random) : encodedBatch(batch, this.#transport);
  }

  /** An unknown client has no token: the host must close each connection and accept nothing. */
  async #sendAsUnknown(records: readonly Buffer[], random: Random): Promise<void> {
    const raw = random.oneIn(8);
    const before = this.#rejections.length;
    const worker = raw ? await this.#dialer.dialRaw() : await this.#dialer.dial();
    for (const record of records) worker.send(record);
    worker.end();
    await worker.closed;
    // What speaks no gRPC never becomes a connection of a worker.
    if (raw && this.#transport === "grpc") return;
    while (this.#rejections.length === before) await new Promise((resolve) => setImmediate(resolve));
    for (const error of this.#rejections.splice(0)) this.#expectClear(error);
  }

  /** The worker has a token and active calls: each call must be settled once, whatever the worker sends. */
  async #sendAsWorker(records: readonly Buffer[]): Promise<void> {
    const { worker, calls } = await this.#accepted();
    for (const record of records) worker.send(record);
    // Answers to requests take some turns of the event loop.
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
    worker.end();
    const cause = await calls.expectSettled();
    if (cause !== undefined) this.#expectClear(cause);
    await worker.closed;
  }

  #expectClear(error: SnakepitError): void {
    if (!VIOLATIONS.has(error.code)) throw new Error(`the connection ended with ${error.code}: ${error.message}`);
    const problem = messageProblem(error.message);
    if (problem !== undefined) throw new Error(problem);
  }

  async #accepted(): Promise<{ worker: FuzzWorker; calls: HostCalls }> {
    this.#workers += 1;
    const workerId = `w${this.#workers}`;
    const { token, connected } = this.#endpoint.expect(workerId);
    const worker = await this.#dialer.dial();
    worker.send(helloRecord(this.#transport, workerId, token));
    return { worker, calls: new HostCalls(await connected) };
  }
}
