import { remainingMs, startTimer, watchAbort } from "@snakepit/core";
import type { PoolCall } from "@snakepit/pool";
import type { HostToolRegistry } from "@snakepit/sessions";
import { type CallScope, currentCallScope } from "@snakepit/sessions/calls";

/**
 * Adds to a call that a host tool makes what it inherits from the call that the tool runs for: it ends no later, is cancelled
 * with it, and is made in the same generation of its session unless it names another session. It may use any worker then,
 * since the session's own worker is busy with the call that waits. For another host of this process, which does not know
 * the session, it is a call without one.
 *
 * @param hostTools those of the host that gets the call.
 */
export function withInheritance(call: PoolCall, hostTools: HostToolRegistry): PoolCall {
  const scope = currentCallScope();
  if (scope === undefined) return call;
  const nested = inherit(call, scope);
  if (scope.host !== hostTools) return nested;
  const affinity = call.affinity ?? "hint";
  if (call.sessionId !== undefined) return { ...nested, affinity };
  return { ...nested, affinity, sessionId: scope.sessionId, sessionGeneration: scope.sessionGeneration };
}

function inherit(call: PoolCall, { lineage, deadline, signal }: CallScope): PoolCall {
  return {
    ...call,
    parent: lineage,
    deadline: Math.min(call.deadline, deadline),
    signal: call.signal === undefined ? signal : AbortSignal.any([call.signal, signal]),
  };
}

/**
 * Waits until the session admits a call, but no longer than the caller does: after the deadline or an abort it resolves, and
 * the pool rejects the call with the error of whichever came first.
 *
 * @throws SnakepitError what the admission rejects with.
 */
export function admitted(admission: Promise<void>, { signal, deadline }: PoolCall): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settled = () => {
      unwatch?.();
      clearTimeout(timer);
    };
    const done = () => {
      settled();
      resolve();
    };
    const unwatch = signal && watchAbort(signal, done);
    // Timers may fire a little early; the pool must see that the deadline has passed.
    const timer = deadline === Number.POSITIVE_INFINITY ? undefined : startTimer(done, remainingMs(deadline) + 2);
    admission.then(done, (thrown: unknown) => {
      settled();
      reject(thrown);
    });
  });
}
