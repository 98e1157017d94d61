import type { Deadline, SnakepitError } from "@snakepit/core";
import { Call, type CallOwner } from "../calls/call.ts";
import { deadlineExceeded, idleTooLong } from "../calls/call-errors.ts";
import type { PoolCall } from "../pool-call.ts";
import { CreditWindow } from "./credit-window.ts";

/** Who gets the chunks of a stream. */
export interface ChunkSink {
  chunk(value: unknown): void;
  end(): void;
  fail(error: SnakepitError, when: "at once" | "in order"): void;
}

/** A call that gives chunks. */
export class StreamCall extends Call {
  readonly #sink: ChunkSink;
  readonly #window = new CreditWindow();
  readonly #idleTimeoutMs: number | undefined;
  /** When the worker last sent a chunk, got the call, or got credit after it had none. */
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
    // Without credit the worker has to be silent; the clock starts with the next grant.
    const idleFrom = this.#window.outstanding > 0 ? this.#progressAt : now;
    return Math.min(this.deadline, idleFrom + this.#idleTimeoutMs);
  }

  overdue(now: number): SnakepitError | undefined {
    if (now >= this.deadline) return deadlineExceeded(this);
    if (this.#idleTimeoutMs === undefined || this.#window.outstanding === 0) return undefined;
    return now >= this.#progressAt + this.#idleTimeoutMs ? idleTooLong(this, this.#idleTimeoutMs) : undefined;
  }

  chunk(value: unknown, byteLength: number): void {
    if (this.state !== "running") return;
    if (this.#idleTimeoutMs !== undefined) this.#progressAt = performance.now();
    this.#window.arrived(byteLength);
    this.#sink.chunk(value);
  }

  /** The consumer has taken a chunk. */
  consumed(): void {
    if (this.state !== "running") return;
    const hadNone = this.#window.outstanding === 0;
    const credit = this.#window.consumed();
    if (credit === 0) return;
    if (hadNone && this.#idleTimeoutMs !== undefined) this.#progressAt = performance.now();
    this.dispatched?.grant(credit);
  }

  resolve(): void {
    this.#sink.end();
  }

  reject(error: SnakepitError, when: "at once" | "in order"): void {
    this.#sink.fail(error, when);
  }
}
