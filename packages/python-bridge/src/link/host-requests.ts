import { type Deadline, type EncodedValue, SnakepitError } from "@snakepit/core";

/** Something that a worker asks of its host: variables, tools, sessions. */
export interface WorkerRequest {
  readonly method: string;
  readonly payload: unknown;
  readonly pool: string;
  readonly workerId: string;
  /** Correlation id of the call on whose behalf it is asked. */
  readonly correlationId?: string;
  readonly deadline: Deadline;
  /** Aborts when the worker is gone. */
  readonly signal: AbortSignal;
}

/** Answers the requests of workers. */
export interface HostRequests {
  /**
   * Answers one request.
   *
   * @throws SnakepitError that the worker gets in place of an answer; `INVALID_ARGUMENT` for a method that is unknown.
   */
  handle(request: WorkerRequest): Promise<EncodedValue>;
}

/** A host that offers its workers nothing. */
export const noHostRequests: HostRequests = {
  handle: ({ method }) =>
    Promise.reject(new SnakepitError("INVALID_ARGUMENT", `this host does not support the request "${method}"`)),
};
