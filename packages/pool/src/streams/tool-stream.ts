import { CreditedStream, CreditWindow, type SnakepitError, type StreamSource, toSnakepitError } from "@snakepit/core";
import { cancelled } from "../calls/call-errors.ts";
import type { PoolCall } from "../pool-call.ts";
import type { Scheduler } from "../scheduling/scheduler.ts";
import { StreamCall } from "./stream-call.ts";

/** A call, or a function that prepares it when the first chunk is requested. */
export type StreamRequest = PoolCall | (() => Promise<PoolCall>);

type SourceState =
  | { readonly is: "idle"; readonly request: StreamRequest }
  | { readonly is: "preparing" }
  | { readonly is: "called"; readonly call: StreamCall }
  | { readonly is: "cancelled" };

/**
 * The source of a stream of chunks: one streaming call. The first `next()` makes the call, so an unread stream occupies
 * no worker.
 */
export class ToolStream implements StreamSource {
  readonly chunks: CreditedStream<unknown, unknown> = new CreditedStream(this, new CreditWindow());
  readonly #scheduler: Scheduler;
  #state: SourceState;

  constructor(scheduler: Scheduler, request: StreamRequest) {
    this.#scheduler = scheduler;
    this.#state = { is: "idle", request };
  }

  start(): void {
    if (this.#state.is !== "idle") return;
    const { request } = this.#state;
    if (typeof request === "function") void this.#prepare(request);
    else this.#call(request);
  }

  grant(chunks: number): void {
    if (this.#state.is === "called") this.#state.call.grant(chunks);
  }

  cancel(): void {
    const state = this.#state;
    this.#state = { is: "cancelled" };
    if (state.is === "called") this.#scheduler.giveUp(state.call, "cancelled");
  }

  /** Returns the error of an aborted signal; the worker may have finished before it aborted. */
  interruption(): SnakepitError | undefined {
    const call = this.#state.is === "called" ? this.#state.call : undefined;
    return call?.signal?.aborted === true ? cancelled(call) : undefined;
  }

  async #prepare(request: () => Promise<PoolCall>): Promise<void> {
    this.#state = { is: "preparing" };
    try {
      const call = await request();
      if (this.#state.is === "preparing") this.#call(call);
    } catch (thrown) {
      this.chunks.fail(toSnakepitError(thrown));
    }
  }

  #call(request: PoolCall): void {
    const call = new StreamCall(this.#scheduler, request, this.chunks);
    this.#state = { is: "called", call };
    try {
      this.#scheduler.admit(call);
    } catch (rejection) {
      this.chunks.fail(toSnakepitError(rejection));
    }
  }
}
