import type { Call } from "@snakepit/bridge-proto";
import { type Deadline, remainingMs, type WorkerCall } from "@snakepit/core";
import { payloadOfValue } from "./wire-payload.ts";

const NO_METADATA: Record<string, string> = {};

/** Returns the Call message for a worker. */
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

/** Zero means no deadline on the wire, so a deadline that has passed becomes the smallest positive number. */
function wireRemaining(deadline: Deadline): number {
  return deadline === Number.POSITIVE_INFINITY ? 0 : Math.max(remainingMs(deadline), Number.MIN_VALUE);
}
