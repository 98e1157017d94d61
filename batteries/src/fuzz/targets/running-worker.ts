import { Frame, PayloadFormat, PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import { encodedBatch, type Transport } from "../inputs/record-inputs.ts";
import type { ValueInput } from "../inputs/value-inputs.ts";
import type { WorkerConnection, WorkerListener } from "./worker-listener.ts";
import type { WorkerExited, Zygote } from "./zygote.ts";

/** The answer to a call. */
export type Answer = Extract<NonNullable<Frame["kind"]>, { $case: "result" | "callFailure" }>;

/** A call of a tool with encoded arguments. */
export interface RawCall {
  readonly tool: string;
  readonly args: ValueInput;
  readonly streaming?: boolean;
  readonly sessionId?: string;
}

/** Milliseconds after which a worker counts as stuck: a thousand times as long as it takes. */
const PATIENCE_MS = 20_000;
/** IDs of calls that the fuzzed frames do not use. */
const FIRST_ID = 1_000_000;

/** A real worker process, and the host's end of its connection. */
export class RunningWorker {
  readonly exited: Promise<WorkerExited>;
  /** Called for each request of the worker. */
  onRequest: (id: number, streaming: boolean) => void = () => {};
  readonly #transport: Transport;
  readonly #connection: WorkerConnection;
  readonly #id: string;
  readonly #zygote: Zygote;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #lastId = FIRST_ID;

  private constructor(
    id: string,
    zygote: Zygote,
    transport: Transport,
    connection: WorkerConnection,
    exited: Promise<WorkerExited>,
  ) {
    this.#id = id;
    this.#zygote = zygote;
    this.#transport = transport;
    this.#connection = connection;
    this.exited = exited;
  }

  /** Starts a worker and waits for its Hello, which is not answered. */
  static async start(
    id: string,
    zygote: Zygote,
    listener: WorkerListener,
    transport: Transport,
  ): Promise<RunningWorker> {
    const connected = listener.accept();
    const { exited } = await zygote.start(id, listener.address);
    const failed = exited.then(({ stderr }) => Promise.reject(new Error(`the worker did not start: ${stderr}`)));
    const connection = await Promise.race([connected, failed]);
    failed.catch(() => {});
    const worker = new RunningWorker(id, zygote, transport, connection, exited);
    await new Promise<void>((resolve) =>
      connection.deliverTo((frame) => (frame.kind?.$case === "hello" ? resolve() : worker.#receive(frame))),
    );
    return worker;
  }

  /** Accepts the worker. */
  accept(): void {
    const accept = {
      protocol: PROTOCOL_VERSION,
      runId: "fuzzing",
      heartbeatIntervalMs: 60_000,
      heartbeatTimeoutMs: 0,
      maxPayloadBytes: 1024 * 1024,
      readsUnsentRecords: false,
    };
    this.sendFrames([{ kind: { $case: "accept", value: accept } }]);
  }

  send(bytes: Buffer): void {
    this.#connection.send(bytes);
  }

  sendFrames(frames: readonly Frame[], attachments: readonly Buffer[] = []): void {
    const encoded = frames.map((frame) => Buffer.from(Frame.encode(frame).finish()));
    this.send(encodedBatch({ frames: encoded, attachments }, this.#transport));
  }

  /** Sends a call and waits for its answer. Throws if it does not arrive. */
  async call({ tool, args, streaming = false, sessionId }: RawCall): Promise<Answer> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<Answer>((resolve) => this.#answers.set(id, resolve));
    const { body, buffers } = args;
    const payload = {
      format: PayloadFormat.MESSAGEPACK,
      body,
      bufferLengths: buffers.map(({ byteLength }) => byteLength),
    };
    const call = { id, tool, args: payload, remainingMs: 0, correlationId: "c", sessionId, traceparent: undefined };
    const frame = { ...call, streaming, credit: 100, metadata: {}, ahead: false };
    this.sendFrames([{ kind: { $case: "call", value: frame } }], buffers);
    const answer = await this.#orExit(answered);
    this.#answers.delete(id);
    return answer;
  }

  /** Ends the connection and waits until the process has exited. */
  end(): Promise<WorkerExited> {
    this.#connection.end();
    return this.#withPatience(this.exited);
  }

  async #orExit(answered: Promise<Answer>): Promise<Answer> {
    const ended = this.exited.then((exited) => Promise.reject(new WorkerGone(exited)));
    return await this.#withPatience(Promise.race([answered, ended]));
  }

  async #withPatience<Value>(promise: Promise<Value>): Promise<Value> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      this.#zygote.kill(this.#id);
      reject(new Error(`the worker did not answer within ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #receive(frame: Frame): void {
    const kind = frame.kind;
    if (kind?.$case === "result" || kind?.$case === "callFailure") this.#answers.get(kind.value.id)?.(kind);
    else if (kind?.$case === "request") this.onRequest(kind.value.id, kind.value.streaming);
  }
}

/** The worker has exited instead of answering. */
export class WorkerGone extends Error {
  readonly exited: WorkerExited;

  constructor(exited: WorkerExited) {
    super(`the worker exited (${exited.signal ?? exited.exitCode}): ${exited.stderr}`);
    this.exited = exited;
  }
}
