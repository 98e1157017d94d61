import type { CallLineage } from "@snakepit/core";
import type { PoolOccupancy, QueuedCall } from "@snakepit/pool";

/** A call that waits for a worker that becomes free only when the call itself ends. */
export interface Deadlock {
  readonly pool: string;
  readonly call: QueuedCall & { readonly parent: CallLineage };
}

/** Calls that wait for the same resource: any worker of a pool, one specific worker, or a place at a tool's limit. */
interface Queue {
  readonly pool: string;
  readonly queued: QueuedCall[];
  /**
   * Correlation IDs of the calls that use the resource; one must end before the queue can make progress. Those of a
   * tool with a limit may be queued themselves.
   */
  readonly running: readonly string[];
}

/**
 * Searches the wait-for graph for queues that cannot make progress: every worker that they wait for executes a call
 * that waits for a call in one of these queues. Returns the last nested call of such a queue: when it fails, the calls
 * that wait for it can continue.
 *
 * The largest set of such queues is found by elimination. It starts with all queues; a queue is removed when it waits
 * for an active call that no queued call of the set is nested in, until no such queue remains.
 */
export function findDeadlock(pools: ReadonlyMap<string, PoolOccupancy>): Deadlock | undefined {
  const stuck = new Set([...pools].flatMap(([pool, occupancy]) => queuesOf(pool, occupancy)));
  for (let before = -1; before !== stuck.size; ) {
    before = stuck.size;
    const blocked = blockedBy(stuck);
    for (const queue of stuck) {
      if (!queue.running.every((id) => blocked.has(id))) stuck.delete(queue);
    }
  }
  return lastNested(stuck);
}

function queuesOf(pool: string, occupancy: PoolOccupancy): Queue[] {
  const queues = new Map<string, Queue>();
  for (const call of occupancy.queued) {
    const { waitsFor, throttledTool } = call;
    if (waitsFor === undefined && throttledTool === undefined && !occupancy.full) continue;
    const key = JSON.stringify([waitsFor, throttledTool]);
    let queue = queues.get(key);
    if (queue === undefined) {
      queue = { pool, queued: [], running: holdersOf(call, occupancy) };
      queues.set(key, queue);
    }
    queue.queued.push(call);
  }
  return [...queues.values()].filter((queue) => queue.running.length > 0);
}

/** Returns the correlation IDs of the calls that use the resource that a call waits for. */
function holdersOf({ waitsFor, throttledTool }: QueuedCall, { running, limits }: PoolOccupancy): readonly string[] {
  if (throttledTool !== undefined) return limits.find(({ tool }) => tool === throttledTool)?.running ?? [];
  const holders = running.filter(({ workerId }) => waitsFor === undefined || workerId === waitsFor);
  return holders.map(({ correlationId }) => correlationId);
}

/** Returns the correlation IDs of the calls in these queues, and of all calls that wait for one of them. */
function blockedBy(queues: Iterable<Queue>): Set<string> {
  const blocked = new Set<string>();
  for (const { queued } of queues) {
    for (const { correlationId, parent } of queued) {
      blocked.add(correlationId);
      for (let call = parent; call !== undefined; call = call.parent) blocked.add(call.correlationId);
    }
  }
  return blocked;
}

function lastNested(queues: Iterable<Queue>): Deadlock | undefined {
  for (const { pool, queued } of queues) {
    const call = queued.findLast(({ parent }) => parent !== undefined);
    if (call?.parent !== undefined) return { pool, call: { ...call, parent: call.parent } };
  }
  return undefined;
}
