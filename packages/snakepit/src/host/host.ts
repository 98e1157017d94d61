import {
  CleanupStack,
  type HostScope,
  newRunId,
  type ProcessRecord,
  type ProcessRegistry,
  type ResolvedConfig,
  type ResolvedPoolConfig,
  SnakepitError,
  toSnakepitError,
} from "@snakepit/core";
import type { PoolStats, WorkerPool } from "@snakepit/pool";
import { createTelemetry, type Telemetry } from "@snakepit/telemetry";
import type { ControlParts } from "../control/open-control.ts";
import { DeadlockDetector } from "../deadlocks/deadlock-detector.ts";
import { HealthMonitor } from "../health/health-monitor.ts";
import { hostReadings } from "../metrics/host-readings.ts";
import { measuredRegistry } from "../metrics/measured-operations.ts";
import type { HostState } from "../state/host-state.ts";
import { Leftovers } from "./leftovers.ts";
import { PendingRegistry } from "./pending-registry.ts";
import { PendingRequests } from "./pending-requests.ts";
import type { CheckedStartOptions } from "./start-options.ts";
import { type Closable, closeAll, startCancelled, startPools } from "./start-pools.ts";

/** Statistics of a host: the totals of all pools, and the statistics of each pool. */
export interface HostStats extends Omit<PoolStats, "state"> {
  readonly pools: Readonly<Record<string, PoolStats>>;
}

/** The resources of a running host: the registry, telemetry and the pools with their workers. */
export class Host {
  readonly config: ResolvedConfig;
  readonly runId: string;
  readonly telemetry: Telemetry;
  /** The pools in the order of the configuration. */
  readonly pools: ReadonlyMap<string, WorkerPool>;
  readonly state: HostState;
  readonly health: HealthMonitor;
  /** The parts that observe the host; see `HostControl`. */
  readonly control: ControlParts;
  readonly #cleanup: CleanupStack;
  readonly #registry: PendingRegistry;
  readonly #servers: Closable[] = [];
  #closing: Promise<void> | undefined;
  #leftovers: Leftovers | undefined;

  private constructor(
    config: ResolvedConfig,
    runId: string,
    telemetry: Telemetry,
    pools: ReadonlyMap<string, WorkerPool>,
    state: HostState,
    observers: { readonly health: HealthMonitor; readonly control: ControlParts },
    registry: PendingRegistry,
    cleanup: CleanupStack,
  ) {
    this.config = config;
    this.runId = runId;
    this.telemetry = telemetry;
    this.pools = pools;
    this.state = state;
    this.health = observers.health;
    this.control = observers.control;
    this.#registry = registry;
    this.#cleanup = cleanup;
  }

  /**
   * Opens all resources and resolves when each pool has one ready worker, or all its workers. After a failure, closes
   * everything that it opened before it rejects.
   */
  static async open(config: ResolvedConfig, { signal, waitForWorkers }: CheckedStartOptions): Promise<Host> {
    if (signal?.aborted) throw startCancelled(signal);
    const abandon = new AbortController();
    const abandoned = signal === undefined ? abandon.signal : AbortSignal.any([signal, abandon.signal]);
    const cleanup = new CleanupStack();
    const telemetry = createTelemetry(config);
    const held = telemetry.holdBack();
    cleanup.defer(() => telemetry.close());
    const registry = openRegistry(config, telemetry, cleanup);
    const created = new Set<WorkerPool>();
    const processesStarted = Promise.withResolvers<void>();
    // Loads the modules of sessions while Python starts, and not before.
    const opening = processesStarted.promise.then(async () => {
      const [{ openState }, { ControlParts }] = await Promise.all([
        import("../state/open-state.ts"),
        import("../control/open-control.ts"),
      ]);
      const { controlSocket: socket, socketDirectory } = config;
      const { runId } = registry;
      const control = new ControlParts({ runId, socket, socketDirectory, log: telemetry.log, pools: created });
      cleanup.defer(() => control.close());
      return { ...(await openState(config, telemetry, created, abandoned)), control };
    });
    // Closes the state after a failed start as well; the start itself reports a failure to open it.
    cleanup.defer(() =>
      opening.then(
        ({ state }) => state.close(),
        () => {},
      ),
    );
    const scope: HostScope = {
      runId: registry.runId,
      registry,
      instrumentation: telemetry,
      requests: new PendingRequests(opening.then(({ requests }) => requests)),
      maxPayloadBytes: config.maxPayloadBytes,
      ...(config.socketDirectory !== undefined && { socketDirectory: config.socketDirectory }),
      defer: (each) => cleanup.defer(each),
    };
    const swept = sweep(registry, telemetry);
    cleanup.defer(() => swept);
    const starting = startPools(config, scope, telemetry, {
      created,
      signal: abandoned,
      waitForWorkers,
      onLaunchers: processesStarted.resolve,
    });
    try {
      const [pools, { state, control }] = await Promise.all([starting, opening, telemetry.ready(), swept]);
      const deadlocks = new DeadlockDetector(pools);
      cleanup.defer(() => deadlocks.close());
      for (const [name, pool] of pools) await watchSources(pool, config.pools[name], telemetry, cleanup);
      const health = monitorHealth(config, pools, state, registry, telemetry);
      cleanup.defer(() => health.close());
      const observers = { health, control };
      const host = new Host(config, registry.runId, telemetry, pools, state, observers, registry, cleanup);
      if (signal?.aborted) {
        await Promise.allSettled([host.close(0)]);
        throw startCancelled(signal);
      }
      telemetry.metrics.provide(hostReadings(config, pools, state, control.startedAt));
      held.release();
      return host;
    } catch (thrown) {
      abandon.abort();
      registry.leave();
      await starting.then((pools) => closeAll([...pools.values()], 0)).catch(() => {});
      // The caller receives the cause of the failure, not an error of the subsequent closing.
      const [closed] = await Promise.allSettled([cleanup.close()]);
      held.demote();
      if (closed.status === "rejected") {
        telemetry.log.warn({ err: closed.reason }, "closing the host after a failed start failed");
      }
      throw toSnakepitError(thrown, "INTERNAL", "starting the host failed");
    }
  }

  /** Whether `close()` was called. */
  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** Returns the records of the registry for the processes of this host. */
  processRecords(): Promise<readonly ProcessRecord[]> {
    return this.#registry.list();
  }

  /**
   * Rejects an operation after the start of `close()`.
   *
   * @param consequence the rest of the sentence "the host is closing and …".
   * @throws SnakepitError `SHUTTING_DOWN`
   */
  throwIfClosing(consequence: string): void {
    if (this.#closing === undefined) return;
    throw new SnakepitError("SHUTTING_DOWN", `the host is closing and ${consequence}; start another one`);
  }

  /** Adopts a server that shows the host. It is closed after the pools, so that it also shows how they close. */
  async adoptObserver(server: { close(): Promise<void> }): Promise<void> {
    try {
      this.throwIfClosing("no longer opens a dashboard");
    } catch (thrown) {
      await server.close();
      throw thrown;
    }
    this.#cleanup.defer(() => server.close());
  }

  /** Adopts a server, which is then closed together with the pools whose tools it offers. */
  async adopt(server: Closable): Promise<void> {
    try {
      this.throwIfClosing("no longer serves clients");
    } catch (thrown) {
      await server.close({ graceMs: 0 });
      throw thrown;
    }
    this.#servers.push(server);
  }

  /**
   * Closes servers and pools, then the resources that they share. May be called again, also to shorten the grace
   * period.
   */
  close(graceMs: number | undefined): Promise<void> {
    this.health.close();
    this.state.persistLastWorkers();
    this.#registry.leave();
    this.#leftovers ??= new Leftovers(this.telemetry, this.config.pools, graceMs);
    const callsEnded = closeAll([...this.#servers, ...this.pools.values()], graceMs);
    // The first call reports failures; later calls would report the same ones.
    callsEnded.catch(() => {});
    this.#closing ??= this.#close(callsEnded);
    return this.#closing;
  }

  async #close(callsEnded: Promise<void>): Promise<void> {
    try {
      await callsEnded;
    } finally {
      this.#leftovers?.report();
      await this.#cleanup.close();
    }
  }
}

/** Reloads a pool when its code changes, if it is configured so. */
async function watchSources(
  pool: WorkerPool,
  options: ResolvedPoolConfig | undefined,
  telemetry: Telemetry,
  cleanup: CleanupStack,
): Promise<void> {
  if (options?.watch !== true) return;
  // Lazy: only for development.
  const { SourceWatcher } = await import("./watch-sources.ts");
  const watcher = new SourceWatcher(pool, telemetry);
  cleanup.defer(() => watcher.close());
}

/** Observes the health of a host that has started. */
function monitorHealth(
  { health, sessions, registry: configured }: ResolvedConfig,
  pools: ReadonlyMap<string, WorkerPool>,
  state: HostState,
  registry: PendingRegistry,
  telemetry: Telemetry,
): HealthMonitor {
  const store = `the session store (${state.storeKind})`;
  const databases = [
    { name: "store", subject: store, isRequired: health.requireStore, ping: () => state.pingStore() },
    {
      name: "registry",
      subject: "the process registry",
      isRequired: health.requireRegistry,
      ping: () => registry.ping(),
    },
  ] as const;
  // Memory always answers, and a custom registry may not be able to.
  const isCustom = configured !== undefined && "reserve" in configured;
  const isChecked = (name: string) =>
    name === "store" ? sessions.store !== "memory" : !isCustom || configured.ping !== undefined;
  return new HealthMonitor({
    thresholds: health,
    pools,
    databases: databases.filter(({ name }) => isChecked(name)),
    telemetry,
  });
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
    recycled: sum("recycled"),
    crashed: sum("crashed"),
    pools,
  };
}

/** Opens the registry. A custom registry stays open when the host closes. */
function openRegistry({ registry }: ResolvedConfig, telemetry: Telemetry, cleanup: CleanupStack): PendingRegistry {
  const metered = (opened: ProcessRegistry) => measuredRegistry(opened, telemetry.metrics.operations);
  if (registry !== undefined && "reserve" in registry) {
    return new PendingRegistry(registry.runId, Promise.resolve(metered(registry)), false, telemetry);
  }
  const runId = newRunId();
  const opening = import("@snakepit/registry")
    .then((module) => module.openRegistry({ ...registry, runId }))
    .then(metered);
  const pending = new PendingRegistry(runId, opening, true, telemetry);
  cleanup.defer(() => pending.close());
  return pending;
}

/** Sweeps the registry while the workers start. A failure is logged and does not affect this host. */
async function sweep(registry: ProcessRegistry, telemetry: Telemetry): Promise<void> {
  try {
    const { hosts, killed, rows } = await registry.sweep();
    telemetry.emit("registry.swept", { hosts, killed: killed.length, rows });
    if (killed.length > 0) telemetry.emit("host.leftovers", { phase: "start", pids: killed.map(({ pid }) => pid) });
  } catch (thrown) {
    const error = toSnakepitError(thrown, "INTERNAL");
    telemetry.log.warn({ err: error }, `sweeping the processes of dead hosts failed: ${error.message}`);
  }
}
