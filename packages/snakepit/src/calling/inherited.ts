import type { PoolCall } from "@snakepit/pool";
import { type CallScope, currentCallScope } from "@snakepit/sessions";

/**
 * A call that a host tool makes belongs to the one that the tool runs for: it ends no later, is cancelled with it, and is
 * made in its session, where it names none of its own. It keeps to no worker then: the session's own is busy with the
 * call that waits.
 */
export function withInheritance(call: PoolCall): PoolCall {
  const scope = currentCallScope();
  return scope === undefined ? call : inherit(call, scope);
}

function inherit(call: PoolCall, { lineage, deadline, signal, sessionId }: CallScope): PoolCall {
  return {
    ...call,
    parent: lineage,
    deadline: Math.min(call.deadline, deadline),
    signal: call.signal === undefined ? signal : AbortSignal.any([call.signal, signal]),
    sessionId: call.sessionId ?? sessionId,
    affinity: call.affinity ?? "hint",
  };
}
