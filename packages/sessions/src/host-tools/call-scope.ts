import { AsyncLocalStorage } from "node:async_hooks";
import type { CallLineage, Deadline } from "@snakepit/core";

/** What a call inherits when a host tool makes it on behalf of another call. */
export interface CallScope {
  /** The tools of the host that owns the tool. A process may have several hosts, each with separate sessions. */
  readonly host: object;
  /** The call on whose behalf the nested call is made, and the calls that wait for it. */
  readonly lineage: CallLineage | undefined;
  /** The latest deadline of a nested call. */
  readonly deadline: Deadline;
  /** Cancels nested calls. */
  readonly signal: AbortSignal;
  readonly sessionId: string | undefined;
  /** Restricts nested calls to this generation of the session; absent for any generation. */
  readonly sessionGeneration: number | undefined;
  /** The W3C trace context of the tool; `undefined` without one. */
  readonly traceparent: string | undefined;
}

/** A scope that ends. */
export interface EndingScope extends CallScope {
  /** Whether the caller has received its answer. Later work of the tool belongs to no call. */
  readonly isAnswered: boolean;
}

const scopes = new AsyncLocalStorage<EndingScope>();

/**
 * Returns the call on whose behalf the current code runs; `undefined` outside of host tools, and in work that a tool
 * continues after its answer.
 */
export function currentCallScope(): CallScope | undefined {
  const scope = scopes.getStore();
  return scope === undefined || scope.isAnswered ? undefined : scope;
}

/** Runs `work`, and the asynchronous work that it starts, on behalf of a call. */
export function inCallScope<Result>(scope: EndingScope, work: () => Result): Result {
  return scopes.run(scope, work);
}
