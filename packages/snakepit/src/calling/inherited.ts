import type { PoolCall } from "@snakepit/pool";
import type { HostToolRegistry } from "@snakepit/sessions";
import { type CallScope, currentCallScope } from "@snakepit/sessions/calls";

/**
 * A call that a host tool makes belongs to the one that the tool runs for: it ends no later, is cancelled with it, and is
 * made in its session and no later one with the same id, where it names none of its own. It keeps to no worker then: the session's own is busy with the
 * call that waits. To another host of this process, which does not know the session, it is a call without one.
 *
 * @param hostTools those of the host that gets the call.
 */
export function withInheritance(call: PoolCall, hostTools: HostToolRegistry): PoolCall {
  const scope = currentCallScope();
  if (scope === undefined) return call;
  const heir = inherit(call, scope);
  if (scope.host !== hostTools) return heir;
  const affinity = call.affinity ?? "hint";
  if (call.sessionId !== undefined) return { ...heir, affinity };
  return { ...heir, affinity, sessionId: scope.sessionId, sessionLife: scope.sessionLife };
}

function inherit(call: PoolCall, { lineage, deadline, signal }: CallScope): PoolCall {
  return {
    ...call,
    parent: lineage,
    deadline: Math.min(call.deadline, deadline),
    signal: call.signal === undefined ? signal : AbortSignal.any([call.signal, signal]),
  };
}
