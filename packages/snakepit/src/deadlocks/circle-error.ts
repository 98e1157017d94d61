import { type CallLineage, SnakepitError } from "@snakepit/core";
import type { Circle } from "./wait-for-graph.ts";

/** A call that waits for itself. */
export function circleError({ pool, call }: Circle): SnakepitError {
  const chain = toolsOf(call.parent).reverse();
  return new SnakepitError(
    "POOL_SATURATED",
    `a call that ${chain.join(" → ")} has led to waits in pool "${pool}" for a worker, and each worker that it waits for executes a call that waits for this one or its like; give the pool more workers (size), or make the calls one after the other from outside`,
    { pool, callId: call.correlationId, details: { circle: chain } },
  );
}

function toolsOf(lineage: CallLineage): string[] {
  const tools: string[] = [];
  for (let each: CallLineage | undefined = lineage; each !== undefined; each = each.parent) tools.push(each.tool);
  return tools;
}
