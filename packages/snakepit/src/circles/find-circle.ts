import type { CallLineage } from "@snakepit/core";

/** What is known of a pool when it is looked for circles. */
export interface PoolOccupancy {
  /** Whether no worker has room for another call. */
  readonly full: boolean;
  /** Correlation ids of the calls that workers execute. */
  readonly running: readonly string[];
  /** The calls that wait for a worker, those that came first first. */
  readonly queued: readonly QueuedCall[];
}

export interface QueuedCall {
  readonly correlationId: string;
  readonly tool: string;
  /** The call on whose behalf it was made; absent for a call from outside. */
  readonly parent: CallLineage | undefined;
}

/** A call that waits for a worker which only its own end can free. */
export interface Circle {
  readonly pool: string;
  readonly call: QueuedCall & { readonly parent: CallLineage };
}

/**
 * Looks for pools that can make no progress: each call that their workers execute waits for a call that is queued in such
 * a pool. Gives the call that was queued last in one of them: when it fails, those that wait for it can go on.
 *
 * It is the search for the largest set of pools of which that is true: beginning with all that are full, those with a
 * running call for which nothing in the set is queued are taken out, until there is none.
 */
export function findCircle(pools: ReadonlyMap<string, PoolOccupancy>): Circle | undefined {
  const stuck = new Map([...pools].filter(([, { full, queued }]) => full && queued.length > 0));
  for (let before = -1; before !== stuck.size; ) {
    before = stuck.size;
    const awaited = ancestorsOf(stuck.values());
    for (const [name, { running }] of stuck) {
      if (!running.every((id) => awaited.has(id))) stuck.delete(name);
    }
  }
  return lastNested(stuck);
}

/** Every call that waits for one that is queued in these pools. */
function ancestorsOf(pools: Iterable<PoolOccupancy>): Set<string> {
  const ancestors = new Set<string>();
  for (const { queued } of pools) {
    for (const { parent } of queued) {
      for (let call = parent; call !== undefined; call = call.parent) ancestors.add(call.correlationId);
    }
  }
  return ancestors;
}

function lastNested(pools: ReadonlyMap<string, PoolOccupancy>): Circle | undefined {
  for (const [pool, { queued }] of pools) {
    const call = queued.findLast((each) => each.parent !== undefined);
    if (call?.parent !== undefined) return { pool, call: { ...call, parent: call.parent } };
  }
  return undefined;
}
