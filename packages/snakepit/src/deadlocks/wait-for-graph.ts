import type { CallLineage } from "@snakepit/core";
import type { PoolOccupancy, QueuedCall } from "@snakepit/pool";

/** A call that waits for a worker that becomes free only when the call itself ends. */
export interface Deadlock {
  readonly pool: string;
  readonly call: QueuedCall & { readonly parent: CallLineage };
}

/** Calls that wait for the same resource: any worker of a pool, or one specific worker. */
interface Queue {
  readonly pool: string;
  readonly queued: QueuedCall[];
  /** Correlation IDs of the active calls; one must end before the queue can make progress. */
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
    const awaited = ancestorsOf(stuck);
    for (const queue of stuck) {
      if (!queue.running.every((id) => awaited.has(id))) stuck.delete(queue);
    }
  }
  return lastNested(stuck);
}

function queuesOf(pool: string, { full, queued, running }: PoolOccupancy): Queue[] {
  const queues = new Map<string | undefined, Queue>();
  for (const call of queued) {
    const { waitsFor } = call;
    if (waitsFor === undefined && !full) continue;
    let queue = queues.get(waitsFor);
    if (queue === undefined) {
      const holders = running.filter(({ workerId }) => waitsFor === undefined || workerId === waitsFor);
      queue = { pool, queued: [], running: holders.map(({ correlationId }) => correlationId) };
      queues.set(waitsFor, queue);
    }
    queue.queued.push(call);
  }
  return [...queues.values()].filter((queue) => queue.running.length > 0);
}

/** Returns the correlation IDs of all calls that wait for a call in these queues. */
function ancestorsOf(queues: Iterable<Queue>): Set<string> {
  const ancestors = new Set<string>();
  for (const { queued } of queues) {
    for (const { parent } of queued) {
      for (let call = parent; call !== undefined; call = call.parent) ancestors.add(call.correlationId);
    }
  }
  return ancestors;
}

function lastNested(queues: Iterable<Queue>): Deadlock | undefined {
  for (const { pool, queued } of queues) {
    const call = queued.findLast(({ parent }) => parent !== undefined);
    if (call?.parent !== undefined) return { pool, call: { ...call, parent: call.parent } };
  }
  return undefined;
}
