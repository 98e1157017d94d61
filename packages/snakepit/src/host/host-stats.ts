import type { PoolStats } from "@snakepit/pool";

/** Statistics of a host: the totals of all pools, and the statistics of each pool. */
export interface HostStats extends Omit<PoolStats, "state"> {
  readonly pools: Readonly<Record<string, PoolStats>>;
}

/** Adds up the statistics of the pools. */
export function hostStats(pools: Readonly<Record<string, PoolStats>>): HostStats {
  const all = Object.values(pools);
  const sum = (name: Exclude<keyof PoolStats, "state">) => all.reduce((total, stats) => total + stats[name], 0);
  return {
    size: sum("size"),
    workers: sum("workers"),
    available: sum("available"),
    busy: sum("busy"),
    starting: sum("starting"),
    queued: sum("queued"),
    active: sum("active"),
    requests: sum("requests"),
    errors: sum("errors"),
    queueTimeouts: sum("queueTimeouts"),
    saturated: sum("saturated"),
    pools,
  };
}
