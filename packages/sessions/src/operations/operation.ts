import type { CallLineage, Deadline } from "@snakepit/core";
import type { Fields } from "./fields.ts";

/** For whom an operation is, and for how long somebody waits. */
export interface OperationContext {
  /** The session that it is about; `undefined` for what belongs to none. */
  readonly sessionId: string | undefined;
  /** Which of the sessions with this id, as `SessionDirectory.generationOf` says it; absent when any is meant. */
  readonly sessionLife?: number | undefined;
  /** Who writes: `host`, a worker's id, or `client:` and what a client calls itself. */
  readonly author: string;
  /** Stands in events, logs and errors. */
  readonly correlationId: string;
  readonly deadline: Deadline;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** The worker that asks, and its pool; absent when a client does. */
  readonly worker?: { readonly pool: string; readonly workerId: string } | undefined;
  /** The call that asks, and those that wait for it; absent when no call does. */
  readonly lineage?: CallLineage | undefined;
}

/** Answers what workers and clients ask, with a value. */
export type Operation = (fields: Fields, context: OperationContext) => Promise<unknown>;

/** Answers with a stream. */
export type StreamOperation = (fields: Fields, context: OperationContext) => AsyncIterable<unknown>;
