import type { Unsubscribe } from "../async/abort-fan-out.ts";

/** Whether a host lives and can take calls, and why. */
export interface HealthReport {
  /**
   * Whether the process can recover by itself. `false` only if a pool has stopped trying to start workers (state
   * `failed`): then, only a new process helps. A process that does not answer at all is not live either.
   */
  readonly live: boolean;
  /** Whether the host can take calls: no check has failed. */
  readonly ready: boolean;
  readonly checks: readonly HealthCheck[];
}

/** The result of one check. */
export interface HealthCheck {
  /** `host`, `store`, `registry`, or `pool.<name>.workers`, `pool.<name>.crashes`, `pool.<name>.queue`. */
  readonly name: string;
  /** `warn`: something is wrong, but the host can take calls. `fail`: the host is not ready. */
  readonly status: "pass" | "warn" | "fail";
  /** One line for people, without secrets. */
  readonly reason: string;
  /** The pool; absent for checks of the host. */
  readonly pool?: string;
  /** The measured values and their limits; durations are in milliseconds. */
  readonly values: Readonly<Record<string, number>>;
}

/** The options of {@link HealthSource.health}. */
export interface HealthOptions {
  /**
   * `"live"`: without the checks that ask the databases, so that the report is immediate; `ready` is then that of the
   * other checks. Default: `"all"`.
   */
  readonly checks?: "all" | "live" | undefined;
}

/** Reports its health. `Snakepit` implements it. */
export interface HealthSource {
  /** Resolves with the current health, within the configured `health.timeoutMs`. */
  health(options?: HealthOptions): Promise<HealthReport>;
}

/** Reports its health, and when it may have changed. */
export interface WatchedHealth extends HealthSource {
  /** Calls `listener` when a new report may differ from the last one. Databases do not report changes. */
  onHealthChange(listener: () => void): Unsubscribe;
}
