import type { SnakepitError } from "@snakepit/core";

/** What a pool's supervisor makes of its workers. The names are those of {@link PoolState}. */
export type PoolHealth =
  | { readonly is: "idle" }
  | { readonly is: "starting" }
  | { readonly is: "ready" }
  /** `slow` when there were too many failures, so that attempts are far apart. */
  | { readonly is: "degraded"; readonly cause: SnakepitError; readonly slow: boolean }
  | { readonly is: "failed"; readonly cause: SnakepitError }
  | { readonly is: "closing" };

/** What the health of a pool is judged by. */
export interface HealthFacts {
  readonly size: number;
  /** Workers that are ready now. */
  readonly ready: number;
  /** Whether no worker is ready or being started, and the next attempt is waited for. */
  readonly pausing: boolean;
  /** Whether any worker has ever been ready. */
  readonly everReady: boolean;
  /** Whether there were too many failures. */
  readonly exceeded: boolean;
  /** The latest failure. */
  readonly failure: SnakepitError | undefined;
  /** Whether another attempt after the latest failure is pointless. */
  readonly permanent: boolean;
  /** Whether the latest failure is a start that took the whole time it was allowed. */
  readonly overdue: boolean;
}

/** The health that follows from the one before and the facts. */
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
        // It has worked before: the cause may be under repair, so attempts continue.
        return facts.everReady ? { is: "degraded", cause: failure, slow: true } : { is: "failed", cause: failure };
      }
      // A caller that waits for the first worker has waited as long as the configuration allows.
      const waitedInVain = facts.overdue && !facts.everReady;
      if (failure !== undefined && (facts.exceeded || waitedInVain))
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
