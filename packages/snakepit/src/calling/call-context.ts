import { remainingMs, startTimer, watchAbort } from "@snakepit/core";
import type { PoolCall } from "@snakepit/pool";
import type { HostToolRegistry } from "@snakepit/sessions";
import { type CallScope, currentCallScope } from "@snakepit/sessions/calls";

/**
 * Returns a call with the properties that it inherits when a host tool makes it. The nested call ends no later than the
 * call that runs the host tool, is cancelled with it, and belongs to the same generation of its session unless it names
 * another session. An inherited session has the affinity `hint` by default, because its worker is busy with the outer
 * call. A call to another host of this process does not inherit the session, which that host does not know.
 *
 * @param hostTools the registry of the host that executes the call.
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
 * Waits until the session admits a call, but no longer than the caller. After the deadline or an abort the promise
 * resolves, and the pool rejects the call with the matching error.
 *
 * @throws SnakepitError the reason of a rejected admission.
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
