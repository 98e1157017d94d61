import type { Payload } from "@snakepit/bridge-proto";
import { errorOfFailure } from "@snakepit/bridge-proto";
import type { OfferedTool, OfferedToolContext } from "@snakepit/core";
import { type SnakepitError, toSnakepitError, type Unsubscribe, watchAbort } from "@snakepit/core";
import type { OfferToolsRequest } from "../grpc.ts";
import { AnswerValues } from "../payloads/answer-values.ts";
import { type ForeignFormat, readValue } from "../payloads/foreign-payload.ts";
import { protocolError } from "./offer-errors.ts";
import type { OfferOutbox } from "./offer-outbox.ts";
import { OfferedStream } from "./offered-stream.ts";

/** The messages with which a client answers a call. */
export type OfferedAnswer = Exclude<NonNullable<OfferToolsRequest["message"]>, { readonly $case: "offer" }>;

/** The limit of cancelled calls without an answer. A client that exceeds it is disconnected. */
const MAX_UNANSWERED = 10_000;

/** The options of {@link OfferedCalls}. */
export interface OfferedCallsOptions {
  readonly outbox: OfferOutbox;
  /** The format of the arguments. */
  readonly format: ForeignFormat;
  /** The size limit of a value, in bytes. */
  readonly maxPayloadBytes: number;
  /** Called when the last active call has ended. */
  idle(): void;
  /** Called when the client violates the protocol by not answering. */
  broken(error: SnakepitError): void;
}

interface OpenCall {
  readonly call: OfferedCall | OfferedStream;
  readonly unwatch: Unsubscribe;
}

/** A call of a tool that a client answers with one value. */
class OfferedCall {
  readonly streaming = false;
  readonly tool: string;
  readonly answer: Promise<unknown>;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: SnakepitError) => void;

  constructor(tool: string) {
    this.tool = tool;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  succeed(value: unknown): void {
    this.#resolve(value);
  }

  fail(error: SnakepitError): void {
    this.#reject(error);
  }
}

/** The calls of a client that executes tools. */
export class OfferedCalls {
  readonly #options: OfferedCallsOptions;
  readonly #open = new Map<number, OpenCall>();
  /** Cancelled calls that the client has not answered yet. */
  readonly #unanswered = new Set<number>();
  #lastId = 0;

  constructor(options: OfferedCallsOptions) {
    this.#options = options;
  }

  /** The number of active calls. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Sends a call to the client. Returns a promise of its value or, for a streaming tool, an iterator of its chunks.
   *
   * @throws SnakepitError `SERIALIZATION`, `PAYLOAD_TOO_LARGE` for the arguments; `CANCELLED`, `DEADLINE_EXCEEDED`.
   */
  begin(
    { name, streaming }: OfferedTool,
    args: Readonly<Record<string, unknown>>,
    { sessionId, correlationId, remainingMs, signal }: OfferedToolContext,
  ): Promise<unknown> | AsyncIterable<unknown> {
    if (signal.aborted) throw toSnakepitError(signal.reason, "CANCELLED");
    const { outbox, format, maxPayloadBytes } = this.#options;
    const written = new AnswerValues(format, maxPayloadBytes).write(args, "args");
    const id = ++this.#lastId;
    const call = streaming ? this.#streamOf(id, name) : new OfferedCall(name);
    const unwatch = watchAbort(signal, () => {
      this.#cancel(id);
      call.fail(toSnakepitError(signal.reason, "CANCELLED"));
    });
    this.#open.set(id, { call, unwatch });
    outbox.sendCall(id, {
      $case: "call",
      value: {
        callId: id,
        tool: name,
        args: written.value,
        attachments: written.attachments,
        sessionId,
        remainingMs: Number.isFinite(remainingMs) ? Math.max(1, remainingMs) : 0,
        streaming,
        credit: call.streaming ? call.credit : 0,
        correlationId,
      },
    });
    return call.streaming ? call.chunks : call.answer;
  }

  /**
   * Handles an answer of the client.
   *
   * @throws SnakepitError `INVALID_ARGUMENT`, `SERIALIZATION` when it violates the protocol.
   */
  handle(answer: OfferedAnswer): void {
    const { callId } = answer.value;
    const open = this.#open.get(callId);
    if (open === undefined) {
      this.#handleLate(answer);
      return;
    }
    const { call } = open;
    const label = `call ${callId} of "${call.tool}"`;
    switch (answer.$case) {
      case "result":
        if (call.streaming) throw protocolError(`${label} streams; answer it with chunks and an end; got a result`);
        call.succeed(this.#valueOf(answer.value, `result of ${label}`));
        break;
      case "chunk":
        if (!call.streaming) throw protocolError(`${label} does not stream; answer it with a result; got a chunk`);
        if (!call.hasRoom) throw protocolError(`${label} has no credit for another chunk; wait for credit`);
        call.push(this.#valueOf(answer.value, `chunk of ${label}`));
        return;
      case "end":
        if (!call.streaming) throw protocolError(`${label} does not stream; answer it with a result; got an end`);
        call.end();
        break;
      case "failure":
        if (answer.value.failure === undefined) throw protocolError(`the failure of ${label} must contain a Failure`);
        call.fail(errorOfFailure(answer.value.failure, {}, "HOST_TOOL_EXCEPTION"));
        break;
      default:
        answer satisfies never;
    }
    this.#close(callId, open);
  }

  /** Fails all active calls, because the client has disconnected or was disconnected. */
  failAll(errorOf: (tool: string) => SnakepitError): void {
    for (const { call, unwatch } of this.#open.values()) {
      unwatch();
      call.fail(errorOf(call.tool));
    }
    this.#open.clear();
    this.#unanswered.clear();
  }

  #streamOf(id: number, tool: string): OfferedStream {
    return new OfferedStream(tool, {
      granted: (chunks) => this.#options.outbox.send({ $case: "credit", value: { callId: id, chunks } }),
      left: () => this.#cancel(id),
    });
  }

  /** Handles an answer to a call that is not active. */
  #handleLate({ $case, value: { callId } }: OfferedAnswer): void {
    if (this.#unanswered.has(callId)) {
      if ($case !== "chunk") this.#unanswered.delete(callId);
      return;
    }
    const isKnown = callId > 0 && callId <= this.#lastId;
    throw protocolError(
      isKnown
        ? `call ${callId} must have one answer; got another one (${$case})`
        : `call_id must be the ID of a call; got ${callId} (${$case})`,
    );
  }

  #cancel(id: number): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    const { outbox, broken } = this.#options;
    if (!outbox.removeQueued(id)) {
      this.#unanswered.add(id);
      outbox.send({ $case: "cancel", value: { callId: id } });
    }
    this.#close(id, open);
    if (this.#unanswered.size > MAX_UNANSWERED) {
      broken(
        protocolError(
          `more than ${MAX_UNANSWERED} cancelled calls have no answer; answer each call, including cancelled ones`,
        ),
      );
    }
  }

  #close(id: number, { unwatch }: OpenCall): void {
    unwatch();
    this.#open.delete(id);
    if (this.#open.size === 0) this.#options.idle();
  }

  #valueOf(
    {
      value: payload,
      attachments,
    }: { readonly value: Payload | undefined; readonly attachments: readonly Uint8Array[] },
    what: string,
  ): unknown {
    const bytes = attachments.reduce((sum, { byteLength }) => sum + byteLength, payload?.body.byteLength ?? 0);
    const { maxPayloadBytes } = this.#options;
    if (bytes > maxPayloadBytes)
      throw protocolError(`${what} must have at most ${maxPayloadBytes} bytes; got ${bytes}`);
    return readValue(payload, attachments, what).value;
  }
}
