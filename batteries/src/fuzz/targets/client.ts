import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { Client, credentials, Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { python, Snakepit } from "snakepit";
import { ownFootprint } from "../footprint.ts";
import { MessageInputs } from "../inputs/message-inputs.ts";
import { mutated } from "../inputs/mutate.ts";
import type { ProtoMethod } from "../inputs/proto-schema.ts";
import type { Random } from "../inputs/random.ts";
import { argumentsInput } from "../inputs/value-inputs.ts";
import { PYTHON, pythonFile } from "../project-files.ts";
import { type FuzzTarget, type OpenTarget, type TargetRun, TooManyFindings } from "../target.ts";
import { messageProblem } from "./documented-errors.ts";
import { SCHEMA } from "./worker-messages.ts";

/** The gRPC service of a host, with a real pool. */
export const CLIENT: FuzzTarget = {
  name: "client-grpc",
  about: "messages and bytes of gRPC clients → the service of a host with a Python pool",
  share: 10,
  open: (run) => FuzzedService.open(run),
};

const METHODS = SCHEMA.methods.filter(({ path }) => path.includes("BridgeService"));
const PARAMETERS = ["value", "count", "names", "when", "amount", "table", "to", "what", "prompt"];
/** Requests at the same time. */
const PARALLEL = 8;
/** Milliseconds after which a request counts as not answered. */
const PATIENCE_MS = 120_000;
/** Milliseconds after which the client leaves a stream that has no end. */
const WATCH_MS = 50;
/** Statuses of requests that the client itself has ended. */
const ENDED_BY_CLIENT: ReadonlySet<status> = new Set([status.CANCELLED, status.DEADLINE_EXCEEDED]);

const asIs = (message: Buffer) => message;

class FuzzedService implements OpenTarget {
  readonly #run: TargetRun;
  readonly #host: Snakepit;
  readonly #directory: string;
  readonly #socketPath: string;
  readonly #client: Client;
  readonly #messages = new MessageInputs(SCHEMA, {
    strings: {
      session_id: ["s1", "s2", "none"],
      tool: ["echo", "echo_later", "typed", "collect", "numbers", "unknown"],
      pool: ["", "default", "none"],
      name: ["x", "y", "offered"],
      names: ["x", "y"],
      pattern: ["*", "x*", ""],
      program_id: ["p", "q"],
      command: ["echo", "program"],
      type: ["int", "str", "list[int]"],
      json_schema: ["{}", "{", '{"type": "object"}', '{"type": 3}', "[]"],
    },
    ids: [1, 2],
    payload: (random) => argumentsInput(random, PARAMETERS),
  });

  static async open(run: TargetRun): Promise<FuzzedService> {
    const worker = python(pythonFile("fuzz_tools.py"), { python: PYTHON });
    // Before the directory, which would remain if the host cannot start.
    const host = await Snakepit.start({ pools: { default: { worker, size: 2 } } });
    const directory = mkdtempSync(join(tmpdir(), "snakepit-fuzz-"));
    const socketPath = join(directory, "clients.sock");
    await host.serve({ socketPath });
    return new FuzzedService(run, host, directory, socketPath);
  }

  private constructor(run: TargetRun, host: Snakepit, directory: string, socketPath: string) {
    this.#run = run;
    this.#host = host;
    this.#directory = directory;
    this.#socketPath = socketPath;
    this.#client = new Client(`unix:${socketPath}`, credentials.createInsecure());
  }

  async send(first: number, end: number): Promise<void> {
    for (let from = first; from < end; from += PARALLEL) {
      const indices = Array.from({ length: Math.min(PARALLEL, end - from) }, (_, place) => from + place);
      await Promise.all(indices.map((index) => this.#sendOne(index)));
    }
  }

  async check(): Promise<void> {
    const value = await this.#host.execute("echo", { value: "an answer" });
    if (value !== "an answer") throw new Error("a valid call was not answered");
    const path = METHODS.find((method) => method.path.endsWith("/Ping"))?.path ?? "";
    const { code, details } = await this.#unary(path, Buffer.alloc(0), new Metadata());
    if (code !== status.OK) throw new Error(`Ping failed: ${details}`);
  }

  async measure() {
    return [await ownFootprint()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.#host.close();
    rmSync(this.#directory, { recursive: true });
  }

  async #sendOne(index: number): Promise<void> {
    const random = this.#run.random(index);
    const sent: Buffer[] = [];
    try {
      await (random.oneIn(50) ? this.#sendRaw(random, sent) : this.#request(random, sent));
    } catch (thrown) {
      if (thrown instanceof TooManyFindings) throw thrown;
      this.#run.fail(index, thrown instanceof Error ? thrown.message : String(thrown), ...sent);
    }
  }

  /** Sends bytes that are not HTTP/2. The host closes the connection. */
  async #sendRaw(random: Random, sent: Buffer[]): Promise<void> {
    const socket = connect(this.#socketPath)
      .on("error", () => {})
      .resume();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const preface = random.oneIn(2) ? Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") : Buffer.alloc(0);
    const bytes = Buffer.concat([preface, random.bytes(random.below(100))]);
    sent.push(bytes);
    socket.end(bytes);
    await closed;
  }

  async #request(random: Random, sent: Buffer[]): Promise<void> {
    const method = random.pick(METHODS);
    const count = method.requestStream ? 1 + random.below(4) : 1;
    for (let message = 0; message < count; message++) sent.push(this.#message(method, random));
    const metadata = new Metadata();
    if (random.oneIn(10)) metadata.set("snakepit-client", random.pick(["a client", "worker:w1", "x", "-".repeat(80)]));
    const ended = await this.#ended(method, sent, metadata);
    const problem = problemOf(ended, method);
    if (problem !== undefined) throw new Error(`${method.path}: ${problem}`);
  }

  #message({ request }: ProtoMethod, random: Random): Buffer {
    if (random.oneIn(15)) return random.bytes(random.below(60));
    const { bytes } = this.#messages.message(request, random);
    return random.oneIn(4) ? mutated(bytes, random) : bytes;
  }

  #ended(method: ProtoMethod, messages: readonly Buffer[], metadata: Metadata): Promise<StatusObject> {
    const { path, requestStream, responseStream } = method;
    const first = messages[0] as Buffer;
    if (!responseStream) return this.#unary(path, first, metadata);
    const isWatch = path.endsWith("/WatchVariables");
    const deadline = Date.now() + (isWatch ? WATCH_MS : PATIENCE_MS);
    if (!requestStream) {
      return ended(this.#client.makeServerStreamRequest(path, asIs, asIs, first, metadata, { deadline }));
    }
    const stream = this.#client.makeBidiStreamRequest(path, asIs, asIs, metadata, { deadline });
    for (const message of messages) stream.write(message);
    stream.end();
    return ended(stream);
  }

  #unary(path: string, message: Buffer, metadata: Metadata): Promise<StatusObject> {
    const deadline = Date.now() + PATIENCE_MS;
    return new Promise((resolve) => {
      const call = this.#client.makeUnaryRequest(path, asIs, asIs, message, metadata, { deadline }, () => {});
      call.once("status", resolve);
    });
  }
}

/** Reads a stream until its end; resolves with its status. */
function ended(stream: Readable): Promise<StatusObject> {
  stream.on("error", () => {}).on("data", () => {});
  return new Promise((resolve) => stream.once("status", resolve));
}

/** Returns what is wrong with the end of a request; `undefined` if its status is clear. */
function problemOf({ code, details, metadata }: StatusObject, { path }: ProtoMethod): string | undefined {
  if (code === status.OK) return undefined;
  if (ENDED_BY_CLIENT.has(code) && path.endsWith("/WatchVariables")) return undefined;
  const name = `${status[code]}: ${details}`;
  if (code === status.UNKNOWN || code === status.INTERNAL) return name;
  if (code === status.DEADLINE_EXCEEDED) return `not answered: ${name}`;
  if (metadata.get("snakepit-code").length === 0) return `no error code: ${name}`;
  return messageProblem(details);
}
