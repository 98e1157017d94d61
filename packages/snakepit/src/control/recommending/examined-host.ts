import type { MachineFacts, PoolInspection, ResolvedPoolConfig } from "@snakepit/core";
import type { RecentPool } from "../usage-history.ts";

/** A pool, and what recommendations need in addition. */
export interface ExaminedPool {
  readonly pool: PoolInspection;
  readonly config: ResolvedPoolConfig;
  readonly recent: RecentPool | undefined;
}

/** The facts that recommendations are made from. */
export interface ExaminedHost {
  readonly pools: readonly ExaminedPool[];
  readonly machine: MachineFacts;
  /** Processor time per time of the host process itself. */
  readonly hostLoad: number;
}
