import { type CallLineage, SnakepitError } from "@snakepit/core";
import type { Circle } from "./find-circle.ts";

/** A call that waits for itself. */
export function circleError({ pool, call }: Circle): SnakepitError {
  const chain = [...toolsOf(call.parent).reverse(), call.tool];
  return new SnakepitError(
    "POOL_SATURATED",
    `call of tool "${call.tool}" in pool "${pool}" waits for itself: every worker of the pool executes a call that waits for another one in its queue (${chain.join(" → ")}); give the pool more workers (size), or make the calls from outside and not from each other`,
    { pool, callId: call.correlationId, details: { circle: chain } },
  );
}

function toolsOf(lineage: CallLineage): string[] {
  const tools: string[] = [];
  for (let each: CallLineage | undefined = lineage; each !== undefined; each = each.parent) tools.push(each.tool);
  return tools;
}
