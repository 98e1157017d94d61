import { Frame } from "@snakepit/bridge-proto";
import { type Footprint, ownFootprint } from "../footprint.ts";
import { MessageInputs } from "../inputs/message-inputs.ts";
import type { Random } from "../inputs/random.ts";
import { type BatchDraft, batchInput, corruptRecord, encodedBatch, type Transport } from "../inputs/record-inputs.ts";
import { argumentsInput, valueInput } from "../inputs/value-inputs.ts";
import { type FuzzTarget, type OpenTarget, type TargetRun, TooManyFindings } from "../target.ts";
import { messageProblem } from "./documented-errors.ts";
import { type Answer, type RawCall, RunningWorker, WorkerGone } from "./running-worker.ts";
import {
  encodedArguments,
  expectDocumentedExit,
  failureText,
  mayEnd,
  rejection,
  resourcesOf,
} from "./worker-answers.ts";
import { WorkerListener } from "./worker-listener.ts";
import { SCHEMA } from "./worker-messages.ts";
import { Zygote } from "./zygote.ts";

/** A worker process, over the socket. */
export const WORKER_SOCKET = workerTarget("worker-socket", "socket", 14);
/** A worker process, over gRPC. */
export const WORKER_GRPC = workerTarget("worker-grpc", "grpc", 1);

const TOOLS = ["echo", "echo_later", "typed", "collect", "numbers", "ask", "$check", "unknown"];
const PARAMETERS = ["value", "count", "names", "when", "amount", "table", "to", "what", "session"];
const QUESTIONS = ["get", "list", "describe", "watch", "program", "tools", "stream", "call"];
/** Most frames are calls and replies. */
const HOST_FRAMES = [
  "call",
  "call",
  "call",
  "reply",
  "reply_chunk",
  "cancel",
  "credit",
  "recall",
  "invalidate",
  "session_ended",
].concat(["telemetry_control", "drain", "shutdown", "accept", "reject", "result", "hello"]);
/** Codes for arguments that are not valid. */
const REJECTED: ReadonlySet<string> = new Set([
  "INVALID_ARGUMENT",
  "SERIALIZATION",
  "UNKNOWN_TOOL",
  "PAYLOAD_TOO_LARGE",
]);
/** Names of fields in the answers of hosts. */
const ANSWER_FIELDS = ["name", "type", "value", "version", "variables", "programs", "tools", "document", "missing"];
/** A worker waits for the permit of a call that was sent ahead. This host writes none. */
const OMITTED = ["ahead"];
/** Records to a worker that are printed with a problem. */
const MAX_EARLIER = 20;
/** IDs of calls in fuzzed frames. */
const IDS = [0, 1, 2, 3, 4, 7, 127, 128, 1_000, 65_536, 0x7fff_ffff, 0xffff_ffff];

function workerTarget(name: string, transport: Transport, share: number): FuzzTarget {
  return {
    name,
    about: `frames and payloads of a host over ${transport} → a worker process`,
    share,
    open: async (run) => FuzzedWorkers.open(run, transport),
  };
}

/** One worker that must never end, and short-lived ones that may end themselves because of malformed frames. */
class FuzzedWorkers implements OpenTarget {
  readonly #run: TargetRun;
  readonly #transport: Transport;
  readonly #zygote: Zygote;
  readonly #listener: WorkerListener;
  readonly #messages = new MessageInputs(SCHEMA, {
    strings: { tool: TOOLS, session_id: ["s1"], keys: ["x"], code: ["NOT_FOUND", "NO_SUCH_CODE"] },
    ids: IDS.slice(0, 5),
    omitted: OMITTED,
    payload: (random) => argumentsInput(random, PARAMETERS),
  });
  #lasting: RunningWorker | undefined;
  #shortLived: RunningWorker | undefined;
  /** What the short-lived worker has received: the cause of a problem may be an earlier input. */
  #received: Uint8Array[] = [];
  #started = 0;

  static async open(run: TargetRun, transport: Transport): Promise<FuzzedWorkers> {
    const listener = await WorkerListener.open(transport);
    return new FuzzedWorkers(run, transport, new Zygote(transport), listener);
  }

  private constructor(run: TargetRun, transport: Transport, zygote: Zygote, listener: WorkerListener) {
    this.#run = run;
    this.#transport = transport;
    this.#zygote = zygote;
    this.#listener = listener;
  }

  async send(first: number, end: number): Promise<void> {
    for (let index = first; index < end; index++) {
      const random = this.#run.random(index);
      const sent: Uint8Array[] = [];
      try {
        await this.#sendOne(random, sent);
      } catch (thrown) {
        if (thrown instanceof TooManyFindings) throw thrown;
        const earlier = sent.length > 0 && this.#received.includes(sent[0] as Uint8Array) ? this.#received : sent;
        this.#run.fail(
          index,
          thrown instanceof Error ? thrown.message : String(thrown),
          ...earlier.slice(-MAX_EARLIER),
        );
      }
    }
  }

  async check(): Promise<void> {
    const worker = await this.#lastingWorker();
    const answer = await worker.call({ tool: "echo", args: encodedArguments({ value: "an answer" }) });
    if (answer.$case !== "result") throw new Error(`a valid call failed: ${failureText(answer)}`);
  }

  async measure(): Promise<readonly Footprint[]> {
    // Its connection would count as a descriptor.
    const shortLived = this.#shortLived;
    this.#shortLived = undefined;
    await shortLived?.end();
    const worker = await this.#lastingWorker();
    const answer = await worker.call({ tool: "resources", args: encodedArguments({}) });
    const { rssBytes, descriptors } = resourcesOf(answer);
    return [{ of: "worker", rssBytes, descriptors }, await ownFootprint()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#lasting?.end(), this.#shortLived?.end()]);
    await this.#zygote[Symbol.asyncDispose]();
    await this.#listener[Symbol.asyncDispose]();
  }

  async #sendOne(random: Random, sent: Uint8Array[]): Promise<void> {
    const kind = random.below(20);
    if (kind < 12) await this.#callWithPayload(random, sent);
    else if (kind < 15) await this.#answerRequests(random, sent);
    else if (kind < 19) await this.#sendFrames(random, sent);
    else if (random.oneIn(4)) await this.#greetWrongly(random, sent);
    else await this.#sendCorrupt(random, sent);
  }

  /** A malformed payload must be answered, and the worker lives on. */
  async #callWithPayload(random: Random, sent: Uint8Array[]): Promise<void> {
    const worker = await this.#lastingWorker();
    const tool = random.pick(["echo", "echo_later", "typed", "typed", "collect", "numbers"]);
    const args = argumentsInput(random, PARAMETERS);
    sent.push(Buffer.from(`${tool} `), args.body, ...args.buffers);
    const answer = await this.#lastingCall(worker, { tool, args, streaming: tool === "numbers" });
    if (answer.$case === "result") return;
    const { code = "", message = "" } = answer.value.failure ?? {};
    if (!REJECTED.has(code)) throw new Error(`${code}: ${message}`);
    const problem = messageProblem(message);
    if (problem !== undefined) throw new Error(problem);
  }

  /** The host answers the requests of a tool with anything. The tool may fail, but is always answered. */
  async #answerRequests(random: Random, sent: Uint8Array[]): Promise<void> {
    const worker = await this.#shortLivedWorker();
    worker.onRequest = (id, streaming) => {
      const record = encodedBatch(this.#replies(random, id, streaming), this.#transport);
      sent.push(record);
      this.#received.push(record);
      worker.send(record);
    };
    const args = encodedArguments({ what: random.pick(QUESTIONS) });
    const answer = await this.#callOrExit(worker, { tool: "ask", args, sessionId: "s1" }, sent);
    await this.#endIfItMayEnd(worker);
    if (answer?.$case !== "callFailure") return;
    const { code = "", message = "" } = answer.value.failure ?? {};
    if (code === "INTERNAL") throw new Error(failureText(answer));
    if (message === "") throw new Error("the failure has no message");
  }

  /** The worker ignores frames that do not apply, or ends itself with a clear message. */
  async #sendFrames(random: Random, sent: Uint8Array[]): Promise<void> {
    const worker = await this.#shortLivedWorker();
    worker.onRequest = (id) => worker.sendFrames([rejection(id)]);
    const record = encodedBatch(batchInput(this.#messages, HOST_FRAMES, random), this.#transport);
    sent.push(record);
    this.#received.push(record);
    worker.send(record);
    // A mutated call may have been sent ahead: without a permit, the host must take it back.
    worker.sendFrames([{ kind: { $case: "recall", value: { ids: IDS } } }]);
    worker.sendFrames(IDS.map((id) => ({ kind: { $case: "cancel", value: { id, reason: 1 } } })));
    await this.#callOrExit(worker, { tool: "echo", args: encodedArguments({ value: 1 }) }, sent);
    await this.#endIfItMayEnd(worker);
  }

  /** The worker ends itself with a clear message. */
  async #sendCorrupt(random: Random, sent: Uint8Array[]): Promise<void> {
    const worker = await this.#shortLivedWorker();
    this.#shortLived = undefined;
    const record = corruptRecord(batchInput(this.#messages, HOST_FRAMES, random), this.#transport, random);
    sent.push(record);
    worker.send(record);
    expectDocumentedExit(await worker.end(), Buffer.concat([record, ...this.#received]));
  }

  /** The worker receives another answer to its Hello than Accept or Reject, or a malformed one. */
  async #greetWrongly(random: Random, sent: Uint8Array[]): Promise<void> {
    const worker = await this.#start();
    const batch = batchInput(this.#messages, ["accept", "reject", "call", "drain"], random);
    const record = random.oneIn(2)
      ? corruptRecord(batch, this.#transport, random)
      : encodedBatch(batch, this.#transport);
    sent.push(record);
    worker.send(record);
    expectDocumentedExit(await worker.end(), record);
  }

  #replies(random: Random, id: number, streaming: boolean): BatchDraft {
    const messages = new MessageInputs(SCHEMA, {
      strings: { code: ["NOT_FOUND", "SERIALIZATION", "NO_SUCH_CODE"] },
      ids: [id],
      omitted: OMITTED,
      payload: (source) => (source.oneIn(2) ? valueInput(source) : argumentsInput(source, ANSWER_FIELDS)),
    });
    const kinds = streaming ? ["reply_chunk", "reply"] : ["reply"];
    const { frames, attachments } = batchInput(messages, kinds, random);
    const last = Buffer.from(Frame.encode(rejection(id)).finish());
    return { frames: [...frames, last], attachments };
  }

  /** Ends a short-lived worker that would end itself during a later input. */
  async #endIfItMayEnd(worker: RunningWorker): Promise<void> {
    const received = Buffer.concat(this.#received);
    if (this.#shortLived !== worker || !mayEnd(received)) return;
    this.#shortLived = undefined;
    expectDocumentedExit(await worker.end(), received);
  }

  /** Returns the answer to a call of the short-lived worker; `undefined` if it has ended itself instead. */
  async #callOrExit(worker: RunningWorker, call: RawCall, sent: readonly Uint8Array[]): Promise<Answer | undefined> {
    try {
      return await worker.call(call);
    } catch (thrown) {
      this.#shortLived = undefined;
      if (!(thrown instanceof WorkerGone)) throw thrown;
      expectDocumentedExit(thrown.exited, Buffer.concat([...sent, ...this.#received]));
      return undefined;
    }
  }

  async #lastingCall(worker: RunningWorker, call: RawCall): Promise<Answer> {
    try {
      return await worker.call(call);
    } catch (thrown) {
      this.#lasting = undefined;
      throw thrown;
    }
  }

  async #lastingWorker(): Promise<RunningWorker> {
    this.#lasting ??= await this.#startAccepted();
    return this.#lasting;
  }

  async #shortLivedWorker(): Promise<RunningWorker> {
    if (this.#shortLived === undefined) {
      this.#shortLived = await this.#startAccepted();
      this.#received = [];
    }
    return this.#shortLived;
  }

  async #startAccepted(): Promise<RunningWorker> {
    const worker = await this.#start();
    worker.accept();
    return worker;
  }

  #start(): Promise<RunningWorker> {
    this.#started += 1;
    return RunningWorker.start(`w${this.#started}`, this.#zygote, this.#listener, this.#transport);
  }
}
