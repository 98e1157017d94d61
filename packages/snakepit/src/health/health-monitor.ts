import {
  describeValue,
  type EventName,
  type HealthCheck,
  type HealthOptions,
  type HealthReport,
  type ResolvedHealth,
  rejectUnknownOptions,
  SnakepitError,
  type Unsubscribe,
  type WatchedHealth,
} from "@snakepit/core";
import type { WorkerPool } from "@snakepit/pool";
import type { Telemetry } from "@snakepit/telemetry";
import { type CheckedDatabase, DatabaseCheck } from "./database-check.ts";
import { PoolChecks } from "./pool-checks.ts";

/** The collaborators of a {@link HealthMonitor}. */
export interface HealthMonitorOptions {
  readonly thresholds: ResolvedHealth;
  readonly pools: ReadonlyMap<string, WorkerPool>;
  readonly databases: readonly CheckedDatabase[];
  readonly telemetry: Pick<Telemetry, "on">;
}

type Phase =
  | { readonly is: "running" }
  /** Not ready any longer; calls are accepted until the delay ends. */
  | { readonly is: "draining"; readonly ended: Promise<void>; readonly end: () => void }
  | { readonly is: "closing" };

/** Events after which a report may differ from the last one. */
const CHANGES = ["pool.state", "worker.ready", "worker.exited"] as const satisfies readonly EventName[];

/** Assesses the health of a host. It observes the pools from its creation on. */
export class HealthMonitor implements WatchedHealth {
  readonly #thresholds: ResolvedHealth;
  readonly #pools: ReadonlyMap<string, PoolChecks>;
  readonly #databases: readonly DatabaseCheck[];
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribes: readonly Unsubscribe[];
  #phase: Phase = { is: "running" };

  constructor({ thresholds, pools, databases, telemetry }: HealthMonitorOptions) {
    this.#thresholds = thresholds;
    this.#pools = new Map(Array.from(pools, ([name, pool]) => [name, new PoolChecks(pool, thresholds)]));
    this.#databases = databases.map((each) => new DatabaseCheck(each, thresholds.timeoutMs));
    this.#unsubscribes = [
      telemetry.on("worker.exited", ({ pool, exit }) => {
        if (!exit.requested) this.#pools.get(pool)?.crashed(performance.now());
      }),
      telemetry.on("worker.start-failed", ({ pool, error }) => this.#pools.get(pool)?.failed(error)),
      telemetry.on("pool.degraded", ({ pool, cause }) => this.#pools.get(pool)?.failed(cause)),
      ...CHANGES.map((name) => telemetry.on(name, () => this.#changed())),
    ];
  }

  /** See `Snakepit.health`. */
  async health(options: HealthOptions = {}): Promise<HealthReport> {
    rejectUnknownOptions("health", options, ["checks"]);
    const { checks: scope = "all" } = options;
    if (scope !== "all" && scope !== "live") {
      const message = `checks must be "all" or "live"; got ${describeValue(scope)}; omit it for all checks`;
      throw new SnakepitError("INVALID_ARGUMENT", message);
    }
    const ofDatabases = scope === "all" ? await Promise.all(this.#databases.map((each) => each.run())) : [];
    // After the databases, so that the report is not older than their answers.
    const now = performance.now();
    const ofPools = Array.from(this.#pools.values(), (pool) => pool.run(now)).flat();
    const checks = [this.#host(), ...ofPools, ...ofDatabases];
    return {
      live: Array.from(this.#pools.values()).every(({ canRecover }) => canRecover),
      ready: checks.every(({ status }) => status !== "fail"),
      checks,
    };
  }

  onHealthChange(listener: () => void): Unsubscribe {
    // Wrapped so that a listener that was added twice is called twice.
    const entry = () => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /**
   * The host is no longer ready, because it will close.
   *
   * @param endsDelay whether a delay that has begun ends now.
   * @returns a promise for the end of the delay in which calls are still accepted; `undefined` if the host may close.
   */
  drain(endsDelay: boolean): Promise<void> | undefined {
    const phase = this.#phase;
    if (phase.is === "closing") return undefined;
    if (phase.is === "draining") {
      if (endsDelay) phase.end();
      return endsDelay ? undefined : phase.ended;
    }
    const { drainDelayMs } = this.#thresholds;
    if (drainDelayMs === 0) {
      this.#become({ is: "closing" });
      return undefined;
    }
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = () => {
      clearTimeout(timer);
      this.#become({ is: "closing" });
      resolve();
    };
    const timer = setTimeout(end, drainDelayMs);
    this.#become({ is: "draining", ended, end });
    return ended;
  }

  /** The pools and the databases are closing. */
  close(): void {
    if (this.#phase.is === "draining") this.#phase.end();
    else this.#become({ is: "closing" });
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
  }

  #host(): HealthCheck {
    const isRunning = this.#phase.is === "running";
    const reason = isRunning ? "the host accepts calls" : "the host is closing";
    return { name: "host", status: isRunning ? "pass" : "fail", reason, values: {} };
  }

  #become(phase: Phase): void {
    const isChange = this.#phase.is !== phase.is;
    this.#phase = phase;
    if (isChange) this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
