import type { SnakepitError } from "@snakepit/core";

/** The health of a pool, as assessed by its supervisor. The names are those of {@link PoolState}. */
export type PoolHealth =
  | { readonly is: "idle" }
  | { readonly is: "starting" }
  | { readonly is: "ready" }
  /** `slow` after too many failures: attempts use the maximum delay. */
  | { readonly is: "degraded"; readonly cause: SnakepitError; readonly slow: boolean }
  | { readonly is: "failed"; readonly cause: SnakepitError }
  | { readonly is: "closing" };

/** The input of {@link assess}. */
export interface HealthFacts {
  readonly size: number;
  /** The number of ready workers. */
  readonly ready: number;
  /** Whether no worker is ready or starting, and the next attempt is delayed. */
  readonly pausing: boolean;
  /** Whether a worker has ever been ready. */
  readonly everReady: boolean;
  /** Whether the restart intensity is exceeded. */
  readonly exceeded: boolean;
  /** The latest failure. */
  readonly failure: SnakepitError | undefined;
  /** Whether the latest failure makes further attempts pointless. */
  readonly permanent: boolean;
  /** Whether the latest failure is a start that exceeded its time limit. */
  readonly overdue: boolean;
}

/** Returns the next health of a pool. */
export function assess(health: PoolHealth, facts: HealthFacts): PoolHealth {
  switch (health.is) {
    case "idle":
    case "closing":
    case "failed":
      return health;
    case "degraded":
      if (facts.ready >= facts.size && !facts.exceeded) return { is: "ready" };
      return facts.exceeded && !health.slow ? { ...health, slow: true } : health;
    case "starting":
    case "ready": {
      const { failure } = facts;
      if (failure !== undefined && facts.permanent) {
        // The pool has worked before and the cause may be fixed, so attempts continue.
        return facts.everReady ? { is: "degraded", cause: failure, slow: true } : { is: "failed", cause: failure };
      }
      // A caller of ready() has waited for the first worker as long as the configuration allows.
      const firstStartTimedOut = facts.overdue && !facts.everReady;
      if (failure !== undefined && (facts.exceeded || firstStartTimedOut))
        return { is: "degraded", cause: failure, slow: true };
      if (failure !== undefined && health.is === "ready" && facts.pausing) {
        return { is: "degraded", cause: failure, slow: false };
      }
      return facts.ready >= facts.size ? { is: "ready" } : health;
    }
    default:
      return health satisfies never;
  }
}
