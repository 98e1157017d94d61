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

/** Operations that answer with one value. */
export type ValueOperation = OperationWith<{ readonly kind: "value" }>;
/** Operations that answer with a stream of values. */
export type StreamOperation = OperationWith<{ readonly kind: "stream" }>;
/** Operations that workers may call; clients may call all of them. */
export type WorkerOperation = OperationWith<{ readonly callers: "workers and clients" }>;
/** Operations on one subject, such as `variables`. */
export type OperationOf<Subject extends string> = Extract<OperationName, `${Subject}.${string}`>;

/** Payloads as callers send them. */
export type OperationRequests = { readonly [Name in OperationName]: ReadonlyDeep<InferInput<Table[Name]["payload"]>> };
/** Payloads as handlers receive them: checked, with defaults. */
export type OperationPayloads = { readonly [Name in OperationName]: ReadonlyDeep<InferOutput<Table[Name]["payload"]>> };
/** Answers; of a stream, each of its values. */
export type OperationAnswers = { readonly [Name in OperationName]: ReadonlyDeep<InferOutput<Table[Name]["answer"]>> };

/** On whose behalf an operation is executed, and how long the caller waits. */
export interface OperationContext {
  /** The session of the caller; `undefined` when it has none. */
  readonly sessionId: string | undefined;
  /** Distinguishes sessions with the same ID; absent when any is meant. */
  readonly sessionGeneration?: number | undefined;
  /** Who writes: `host`, a worker's id, or `client:` and the name that a client chose. */
  readonly author: string;
  /** Appears in events, logs and errors. */
  readonly correlationId: string;
  readonly deadline: Deadline;
  /** Aborts when no one waits for the answer any longer. */
  readonly signal: AbortSignal;
  /** The requesting worker and its pool; absent for clients. */
  readonly worker?: { readonly pool: string; readonly workerId: string } | undefined;
  /** The requesting call and those that wait for it; absent when no call is involved. */
  readonly lineage?: CallLineage | undefined;
}

/** The context of each operation: with a session where the operation requires one. */
export type OperationContexts = {
  readonly [Name in OperationName]: Table[Name]["session"] extends "required"
    ? OperationContext & { readonly sessionId: string }
    : OperationContext;
};

/** One handler for each of the operations that answer with a value. */
export type ValueHandlers<Names extends OperationName> = {
  readonly [Name in Names & ValueOperation]: (
    payload: OperationPayloads[Name],
    context: OperationContexts[Name],
  ) => Promise<OperationAnswers[Name]>;
};

/** One handler for each of the operations that answer with a stream. */
export type StreamHandlers<Names extends OperationName> = {
  readonly [Name in Names & StreamOperation]: (
    payload: OperationPayloads[Name],
    context: OperationContexts[Name],
  ) => AsyncIterable<OperationAnswers[Name]>;
};

/** One handler for each of the operations: a missing, extra or wrongly typed one does not compile. */
export type OperationHandlers<Names extends OperationName> = ValueHandlers<Names> & StreamHandlers<Names>;

/** Executes operations for callers whose payloads the compiler has checked. */
export interface OperationExecutor<Names extends OperationName = OperationName> {
  /**
   * Executes an operation that answers with one value.
   *
   * @throws SnakepitError as a rejection, which is the caller's answer.
   */
  execute<Name extends Names & ValueOperation>(
    name: Name,
    payload: OperationRequests[Name],
    context: OperationContexts[Name],
  ): Promise<OperationAnswers[Name]>;
  /**
   * Executes an operation that answers with a stream. The next value is requested when the caller has room for it. The
   * iterator is closed when the caller has ended the loop.
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
