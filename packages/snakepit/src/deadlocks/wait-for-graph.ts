import type { CallLineage } from "@snakepit/core";
import type { PoolOccupancy, QueuedCall } from "@snakepit/pool";

/** A call that waits for a worker which only its own end can free. */
export interface Deadlock {
  readonly pool: string;
  readonly call: QueuedCall & { readonly parent: CallLineage };
}

/** Calls that wait for the same: any worker of a pool, or one certain worker. */
interface Queue {
  readonly pool: string;
  readonly queued: QueuedCall[];
  /** The calls of which one must end before the queue moves on. */
  readonly running: readonly string[];
}

/**
 * Searches the wait-for graph for queues that can make no progress: each call that holds the workers they wait for waits
 * itself for a call in such a queue. Returns the call that joined one of them last: when it fails, those that wait for it
 * can continue.
 *
 * The largest set of such queues is found by elimination: of all queues, those that wait for a running call on whose behalf
 * nothing in the set is queued are removed, until no such queue is left.
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

/** Every call that waits for one that is in these queues. */
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
