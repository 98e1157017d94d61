import { SnakepitError } from "../errors/snakepit-error.ts";
import type { Deadline } from "../time/deadline.ts";
import type { EncodedValue } from "./value-codec.ts";

/** Something that a worker asks of its host: variables, tools, programs. */
export interface WorkerRequest {
  /** What is asked, for example `variables.get`. */
  readonly method: string;
  /** What goes with it, decoded; `undefined` when nothing does. */
  readonly payload: unknown;
  readonly pool: string;
  readonly workerId: string;
  /** The call that the request belongs to; absent when there is none. */
  readonly call: RequestingCall | undefined;
  /** When the worker gives up; never later than the call's deadline. */
  readonly deadline: Deadline;
  /** Aborts when no one waits for the answer any more: the worker has cancelled it or is gone, or its call was abandoned or has ended. */
  readonly signal: AbortSignal;
}

/** A call that asks the host for something while it is executed. */
export interface RequestingCall {
  readonly tool: string;
  readonly correlationId: string;
  readonly sessionId: string | undefined;
  /** See `WorkerCall.sessionGeneration`. */
  readonly sessionGeneration: number | undefined;
  readonly traceparent: string | undefined;
  readonly lineage: CallLineage;
}

/** A call, and those that wait for it: the one on whose behalf it was made, and so on outwards. */
export interface CallLineage {
  readonly correlationId: string;
  readonly pool: string;
  readonly tool: string;
  readonly parent: CallLineage | undefined;
}

/** Answers the requests of workers. */
export interface HostRequests {
  /**
   * Answers one request.
   *
   * @throws SnakepitError as a rejection, which the worker gets in place of an answer; `INVALID_ARGUMENT` for a method that
   *   is unknown.
   */
  handle(request: WorkerRequest): Promise<EncodedValue>;
  /**
   * Answers one request with a stream. The next value is requested when the worker has room for it; the iterator is
   * closed when the worker stops reading.
   *
   * @throws SnakepitError from the iterator, as {@link handle}.
   */
  stream(request: WorkerRequest): AsyncIterable<EncodedValue>;
}

/** A host that offers its workers nothing. */
export const noHostRequests: HostRequests = {
  handle: (request) => Promise.reject(unknownMethod(request)),
  // biome-ignore lint/correctness/useYield: it has nothing to give.
  async *stream(request) {
    throw unknownMethod(request);
  },
};

/** The error of a request that the host does not know. */
export function unknownMethod({ method }: WorkerRequest): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `this host does not support the request "${method}"`, {
    details: { method },
  });
}
