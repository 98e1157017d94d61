import type { CallLineage } from "@snakepit/core";
import type { PoolOccupancy, QueuedCall } from "@snakepit/pool";

/** A call that waits for a worker which only its own end can free. */
export interface Circle {
  readonly pool: string;
  readonly call: QueuedCall & { readonly parent: CallLineage };
}

/** Calls that wait for the same: any worker of a pool, or one worker. */
interface Queue {
  readonly pool: string;
  readonly queued: QueuedCall[];
  /** The calls of which one must end before the queue moves on. */
  readonly running: readonly string[];
}

/**
 * Looks for queues that can make no progress: each call that holds what they wait for waits itself for a call in such a
 * queue. Gives the call that came last into one of them: when it fails, those that wait for it can go on.
 *
 * It is the search for the largest set of queues of which that is true: beginning with all of them, those that wait for a
 * running call for which nothing in the set is queued are taken out, until there is none.
 */
export function findCircle(pools: ReadonlyMap<string, PoolOccupancy>): Circle | undefined {
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

function lastNested(queues: Iterable<Queue>): Circle | undefined {
  for (const { pool, queued } of queues) {
    const call = queued.findLast(({ parent }) => parent !== undefined);
    if (call?.parent !== undefined) return { pool, call: { ...call, parent: call.parent } };
  }
  return undefined;
}
