import type { PoolCall } from "@snakepit/pool";
import { type CallScope, currentCallScope, type HostToolRegistry } from "@snakepit/sessions";

/**
 * A call that a host tool makes belongs to the one that the tool runs for: it ends no later, is cancelled with it, and is
 * made in its session, where it names none of its own. It keeps to no worker then: the session's own is busy with the
 * call that waits. To another host of this process, which does not know the session, it is a call without one.
 *
 * @param hostTools those of the host that gets the call.
 */
export function withInheritance(call: PoolCall, hostTools: HostToolRegistry): PoolCall {
  const scope = currentCallScope();
  if (scope === undefined) return call;
  const heir = inherit(call, scope);
  if (scope.host !== hostTools) return heir;
  return { ...heir, sessionId: call.sessionId ?? scope.sessionId, affinity: call.affinity ?? "hint" };
}

function inherit(call: PoolCall, { lineage, deadline, signal }: CallScope): PoolCall {
  return {
    ...call,
    parent: lineage,
    deadline: Math.min(call.deadline, deadline),
    signal: call.signal === undefined ? signal : AbortSignal.any([call.signal, signal]),
  };
}
