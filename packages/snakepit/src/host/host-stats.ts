import type { PoolStats } from "@snakepit/pool";

/** All pools in figures: what they have in all, and each by itself. */
export interface HostStats extends Omit<PoolStats, "state"> {
  readonly pools: Readonly<Record<string, PoolStats>>;
}

/** Adds the figures of the pools up. */
export function hostStats(pools: Readonly<Record<string, PoolStats>>): HostStats {
  const all = Object.values(pools);
  const sum = (figure: Exclude<keyof PoolStats, "state">) => all.reduce((total, stats) => total + stats[figure], 0);
  return {
    wanted: sum("wanted"),
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
