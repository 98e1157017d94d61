import { CreditWindow, type Deadline, type FailurePlace, type SnakepitError } from "@snakepit/core";
import { Call, type CallOwner } from "../calls/call.ts";
import { deadlineExceeded, idleTooLong } from "../calls/call-errors.ts";
import type { PoolCall } from "../pool-call.ts";

/** Receives the chunks of a call. */
export interface ChunkSink {
  /** The number of chunks that the worker may still send. */
  readonly outstanding: number;
  push(value: unknown, byteLength: number): void;
  end(): void;
  fail(error: SnakepitError, place: FailurePlace): void;
}

/** A call that yields chunks. */
export class StreamCall extends Call {
  readonly #sink: ChunkSink;
  readonly #idleTimeoutMs: number | undefined;
  /** When the worker last sent a chunk, received the call, or received credit after it had none. */
  #progressAt: number;

  constructor(owner: CallOwner, request: PoolCall, sink: ChunkSink) {
    super(owner, request);
    this.#sink = sink;
    this.#idleTimeoutMs = request.idleTimeoutMs;
    this.#progressAt = Number.NEGATIVE_INFINITY;
  }

  get streaming(): true {
    return true;
  }

  get credit(): number {
    return CreditWindow.initial;
  }

  runningUntil(now: number): Deadline {
    if (this.#idleTimeoutMs === undefined) return this.deadline;
    if (this.#progressAt === Number.NEGATIVE_INFINITY) this.#progressAt = now;
    // Without credit the worker must not send; the idle time starts with the next grant.
    const idleFrom = this.#sink.outstanding > 0 ? this.#progressAt : now;
    return Math.min(this.deadline, idleFrom + this.#idleTimeoutMs);
  }

  overdue(now: number): SnakepitError | undefined {
    if (now >= this.deadline) return deadlineExceeded(this);
    if (this.#idleTimeoutMs === undefined || this.#sink.outstanding === 0) return undefined;
    return now >= this.#progressAt + this.#idleTimeoutMs ? idleTooLong(this, this.#idleTimeoutMs) : undefined;
  }

  chunk(value: unknown, byteLength: number): void {
    if (this.state.is !== "running") return;
    if (this.#idleTimeoutMs !== undefined) this.#progressAt = performance.now();
    this.#sink.push(value, byteLength);
    this.trace?.chunk?.(byteLength, this.#sink.outstanding);
  }

  /** Grants the worker credit for more chunks, which the caller has already counted as outstanding. */
  grant(chunks: number): void {
    if (this.state.is !== "running") return;
    const hadNone = this.#sink.outstanding === chunks;
    if (hadNone && this.#idleTimeoutMs !== undefined) this.#progressAt = performance.now();
    this.dispatched?.grant(chunks);
    this.trace?.granted?.();
  }

  resolve(): void {
    this.#sink.end();
  }

  reject(error: SnakepitError, place: FailurePlace): void {
    this.#sink.fail(error, place);
  }
}
