import { SnakepitError } from "../errors/snakepit-error.ts";
import type { Deadline } from "../time/deadline.ts";
import type { EncodedValue } from "./value-codec.ts";

/** A request of a worker to its host, for example to read a variable or to call a host tool. */
export interface WorkerRequest {
  /** The operation, for example `variables.get`. */
  readonly method: string;
  /** The decoded payload; `undefined` if the request has no payload. */
  readonly payload: unknown;
  readonly pool: string;
  readonly workerId: string;
  /** The call that makes the request; `undefined` if there is no such call. */
  readonly call: RequestingCall | undefined;
  /** The W3C trace context of the span that makes the request; `undefined` without one. */
  readonly traceparent?: string | undefined;
  /** When the worker stops waiting; never later than the deadline of the call. */
  readonly deadline: Deadline;
  /** Aborts when the worker cancels the request or exits, and when the call ends or is cancelled. */
  readonly signal: AbortSignal;
}

/** A call that makes requests to the host. */
export interface RequestingCall {
  readonly tool: string;
  readonly correlationId: string;
  readonly sessionId: string | undefined;
  /** See `WorkerCall.sessionGeneration`. */
  readonly sessionGeneration: number | undefined;
  readonly traceparent: string | undefined;
  readonly lineage: CallLineage;
}

/** A call and the calls that wait for it: the call that made it, and its ancestors. */
export interface CallLineage {
  readonly correlationId: string;
  readonly pool: string;
  readonly tool: string;
  readonly parent: CallLineage | undefined;
}

/** Handles the requests of workers. */
export interface HostRequests {
  /**
   * Handles a request and resolves with the reply.
   *
   * @throws SnakepitError as a rejection, which is sent to the worker; `INVALID_ARGUMENT` for an unknown method.
   */
  handle(request: WorkerRequest): Promise<EncodedValue>;
  /**
   * Handles a request and returns the stream of its reply. The next value is requested when the worker has room for it.
   * The iterator is closed when the worker stops reading.
   *
   * @throws SnakepitError from the iterator, as {@link handle}.
   */
  stream(request: WorkerRequest): AsyncIterable<EncodedValue>;
}

/** Rejects all requests. */
export const noHostRequests: HostRequests = {
  handle: (request) => Promise.reject(unknownMethod(request)),
  // biome-ignore lint/correctness/useYield: it rejects every request.
  async *stream(request) {
    throw unknownMethod(request);
  },
};

/** Returns the error for an unknown method. */
export function unknownMethod({ method }: WorkerRequest): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `this host does not support the request "${method}"`, {
    details: { method },
  });
}
