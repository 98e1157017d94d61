import type { InferInput, InferOutput } from "valibot";
import type { CallLineage } from "../ports/host-requests.ts";
import type { Deadline } from "../time/deadline.ts";
import type { OPERATIONS, Operation } from "./operations.ts";

type Table = typeof OPERATIONS;

/** The name of an operation, such as `variables.get`. */
export type OperationName = keyof Table;

/** The operations with certain properties, such as `{ kind: "stream" }`. */
export type OperationWith<Properties extends Partial<Operation>> = {
  [Name in OperationName]: Table[Name] extends Properties ? Name : never;
}[OperationName];

/** Operations that return one value. */
export type ValueOperation = OperationWith<{ readonly kind: "value" }>;
/** Operations that return a stream of values. */
export type StreamOperation = OperationWith<{ readonly kind: "stream" }>;
/** Operations that workers may call; clients may call all of them. */
export type WorkerOperation = OperationWith<{ readonly callers: "workers and clients" }>;
/** Operations on one subject, such as `variables`. */
export type OperationOf<Subject extends string> = Extract<OperationName, `${Subject}.${string}`>;

/** Payloads as callers send them. */
export type OperationRequests = { readonly [Name in OperationName]: ReadonlyDeep<InferInput<Table[Name]["payload"]>> };
/** Payloads as handlers receive them: validated, with defaults. */
export type OperationPayloads = { readonly [Name in OperationName]: ReadonlyDeep<InferOutput<Table[Name]["payload"]>> };
/** Answers; for a stream, each of its values. */
export type OperationAnswers = { readonly [Name in OperationName]: ReadonlyDeep<InferOutput<Table[Name]["answer"]>> };

/** The caller of an operation, and its deadline. */
export interface OperationContext {
  /** The session of the caller; `undefined` if it has none. */
  readonly sessionId: string | undefined;
  /** Distinguishes successive sessions with the same ID; absent for any of them. */
  readonly sessionGeneration?: number | undefined;
  /** The author of changes: `host`, the ID of a worker, or `client:` and the name of a client. */
  readonly author: string;
  /** The correlation ID in events, logs and errors. */
  readonly correlationId: string;
  readonly deadline: Deadline;
  /** Aborts when the caller no longer waits for the answer. */
  readonly signal: AbortSignal;
  /** The requesting worker and its pool; absent for clients. */
  readonly worker?: { readonly pool: string; readonly workerId: string } | undefined;
  /** The W3C trace context of the span that makes the request; absent without one. */
  readonly traceparent?: string | undefined;
  /** The requesting call and the calls that wait for it; absent if no call is involved. */
  readonly lineage?: CallLineage | undefined;
}

/** The context of each operation, with a session if the operation requires one. */
export type OperationContexts = {
  readonly [Name in OperationName]: Table[Name]["session"] extends "required"
    ? OperationContext & { readonly sessionId: string }
    : OperationContext;
};

/** One handler for each operation that returns a value. */
export type ValueHandlers<Names extends OperationName> = {
  readonly [Name in Names & ValueOperation]: (
    payload: OperationPayloads[Name],
    context: OperationContexts[Name],
  ) => Promise<OperationAnswers[Name]>;
};

/** One handler for each operation that returns a stream. */
export type StreamHandlers<Names extends OperationName> = {
  readonly [Name in Names & StreamOperation]: (
    payload: OperationPayloads[Name],
    context: OperationContexts[Name],
  ) => AsyncIterable<OperationAnswers[Name]>;
};

/** One handler for each operation. A missing, extra or wrongly typed handler does not compile. */
export type OperationHandlers<Names extends OperationName> = ValueHandlers<Names> & StreamHandlers<Names>;

/** Executes operations whose payloads are checked by the compiler. */
export interface OperationExecutor<Names extends OperationName = OperationName> {
  /**
   * Executes an operation that returns one value.
   *
   * @throws SnakepitError as a rejection, which is sent to the caller.
   */
  execute<Name extends Names & ValueOperation>(
    name: Name,
    payload: OperationRequests[Name],
    context: OperationContexts[Name],
  ): Promise<OperationAnswers[Name]>;
  /**
   * Executes an operation that returns a stream. The next value is requested when the caller has room for it. The
   * iterator is closed when the caller leaves the loop.
   *
   * @throws SnakepitError from the iterator.
   */
  stream<Name extends Names & StreamOperation>(
    name: Name,
    payload: OperationRequests[Name],
    context: OperationContexts[Name],
  ): AsyncIterable<OperationAnswers[Name]>;
}

type ReadonlyDeep<Value> = Value extends object ? { readonly [Key in keyof Value]: ReadonlyDeep<Value[Key]> } : Value;
