import type { Call } from "@snakepit/bridge-proto";
import { type Deadline, remainingMs, type WorkerCall } from "@snakepit/core";
import { payloadOfValue } from "./wire-payload.ts";

const NO_METADATA: Record<string, string> = {};

/** A call as it goes to the worker. */
export function wireCall(id: number, call: WorkerCall): Call {
  return {
    id,
    tool: call.tool,
    args: payloadOfValue(call.args),
    remainingMs: wireRemaining(call.deadline),
    correlationId: call.correlationId,
    sessionId: call.sessionId,
    traceparent: call.traceparent,
    streaming: call.streaming,
    credit: call.credit,
    metadata: call.metadata ?? NO_METADATA,
  };
}

/** Zero means no deadline on the wire, so one that has passed becomes the shortest there is. */
function wireRemaining(deadline: Deadline): number {
  return deadline === Number.POSITIVE_INFINITY ? 0 : Math.max(remainingMs(deadline), Number.MIN_VALUE);
}
