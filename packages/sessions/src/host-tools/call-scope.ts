import { AsyncLocalStorage } from "node:async_hooks";
import type { CallLineage, Deadline } from "@snakepit/core";

/** What calls inherit that a host tool makes on behalf of another call. */
export interface CallScope {
  /** The tools of the host whose tool it is: a process may have several hosts, each with sessions of its own. */
  readonly host: object;
  /** The call on whose behalf they are made, and those that wait for that one. */
  readonly lineage: CallLineage | undefined;
  /** No later than this. */
  readonly deadline: Deadline;
  /** Cancels them. */
  readonly signal: AbortSignal;
  readonly sessionId: string | undefined;
  /** Tells sessions with the same id apart: calls are not made in a later one. Absent when any is meant. */
  readonly sessionGeneration: number | undefined;
}

/** A scope that ends. */
export interface EndingScope extends CallScope {
  /** Whether the caller has its answer. What the tool does afterwards belongs to no call. */
  readonly isAnswered: boolean;
}

const scopes = new AsyncLocalStorage<EndingScope>();

/**
 * Returns the call on whose behalf the running code works; `undefined` outside of host tools, and in work that a tool goes on
 * with after its answer.
 */
export function currentCallScope(): CallScope | undefined {
  const scope = scopes.getStore();
  return scope === undefined || scope.isAnswered ? undefined : scope;
}

/** Runs `work`, and whatever it starts, on behalf of a call. */
export function inCallScope<Result>(scope: EndingScope, work: () => Result): Result {
  return scopes.run(scope, work);
}
