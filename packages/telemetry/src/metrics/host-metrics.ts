import type { CallInfo, CallTrace, EventName, PoolState, SnakepitEvents } from "@snakepit/core";
import { CallMeter } from "./call-meter.ts";
import { CIRCUIT_STATES, EventCounters } from "./event-counters.ts";
import type { HostReadings, PoolReading, WorkerReading } from "./host-readings.ts";
import type { SeriesAttributes } from "./instrument-definition.ts";
import type { AttributesOf, CounterName, GaugeName } from "./instruments.ts";
import { OperationMeter } from "./operations.ts";
import type { PoolCounts } from "./pool-counts.ts";
import { SeriesTable } from "./series.ts";
import { ToolNames } from "./tool-names.ts";

const MS = 1_000;
const MICROSECONDS = 1_000_000;

/** How metrics are read. */
export interface ReadOptions {
  /** Whether memory, processors, threads and uptime are read of each worker, instead of the whole pool. */
  readonly byWorker?: boolean | undefined;
}

/** Receives the current values of gauges and of the counters that are kept elsewhere. */
export interface Observer {
  observe(name: GaugeName | CounterName, value: number, attributes: SeriesAttributes): void;
}

/**
 * The measurements of a host. Events that are not on demand are always counted. Calls, variables, programs and host
 * tools are measured after {@link start}. What a host knows anyway, such as the load of its pools, is only read.
 */
export class HostMetrics {
  readonly series = new SeriesTable();
  readonly tools = new ToolNames();
  readonly operations = new OperationMeter(this.series);
  readonly #calls = new CallMeter(this.series, this.tools);
  readonly #events = new EventCounters(this.series, this.tools);
  readonly #counts: PoolCounts;
  readonly #onStart: () => () => void;
  #readings: HostReadings | undefined;
  /** The number of {@link start} that were not ended. */
  #users = 0;
  #stop = () => {};
  #toTheEnd: (() => void) | undefined;
  #eventLoop = performance.eventLoopUtilization();

  /**
   * @param counts counts workers and restarts from the same events.
   * @param onStart is called when calls are to be measured with {@link startCall}; subscribes to the events on demand
   *   that are counted. Returns a function that ends both.
   */
  constructor(counts: PoolCounts, onStart: () => () => void) {
    this.#counts = counts;
    this.#onStart = onStart;
  }

  /** Measures calls until the returned function is called. Several users share the measurements. */
  start(): () => void {
    this.#users += 1;
    if (this.#users === 1) this.#stop = this.#onStart();
    let isEnded = false;
    return () => {
      if (isEnded) return;
      isEnded = true;
      this.#users -= 1;
      if (this.#users === 0) this.#stop();
    };
  }

  /** Measures calls until the host ends. Can be called repeatedly. */
  measureToTheEnd(): void {
    this.#toTheEnd ??= this.start();
  }

  /** Provides what is read from the host. */
  provide(readings: HostReadings): void {
    this.#readings = readings;
  }

  record<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    this.#counts.record(name, event);
    this.#events.record(name, event);
  }

  startCall(call: CallInfo, trace: CallTrace | undefined, now: number): CallTrace {
    return this.#calls.start(call, trace, now);
  }

  /** Reads the current values of everything that is not in {@link series}. */
  observe(observer: Observer, { byWorker = false }: ReadOptions = {}): void {
    for (const { pool, workers, restarts } of this.#counts.pools()) {
      observer.observe("snakepit.pool.workers", workers, { "snakepit.pool": pool });
      observer.observe("snakepit.worker.restarts", restarts, { "snakepit.pool": pool });
    }
    for (const { pool, count } of this.#events.zygotes()) {
      observer.observe("snakepit.zygotes", count, { "snakepit.pool": pool });
    }
    for (const { attributes, state } of this.#events.circuits()) {
      for (const each of CIRCUIT_STATES) {
        const value = each === state ? 1 : 0;
        observer.observe("snakepit.circuit.state", value, { ...attributes, "snakepit.circuit.state": each });
      }
    }
    observer.observe("snakepit.store.up", this.operations.isUp("store") ? 1 : 0, {});
    const isRegistryUp = this.#events.isRegistryUp && this.operations.isUp("registry");
    observer.observe("snakepit.registry.up", isRegistryUp ? 1 : 0, {});
    this.#observeProcess(observer);
    const pools = this.#readings?.pools() ?? [];
    this.#createCounters(pools);
    if (this.#readings === undefined) return;
    const { version, startedAt } = this.#readings;
    observer.observe("snakepit.host.info", 1, { "snakepit.version": version });
    observer.observe("snakepit.host.uptime", (Date.now() - startedAt) / MS, {});
    observer.observe("snakepit.session.active", this.#readings.sessions(), {});
    for (const pool of pools) observePool(pool, byWorker, observer);
  }

  /** Creates counters that nothing has increased, because an increase from nothing is not visible in a rate. */
  #createCounters(pools: readonly PoolReading[]): void {
    for (const name of ["snakepit.session.created", "snakepit.session.ended"] as const) this.series.counter(name, {});
    for (const { pool } of pools) {
      for (const name of COUNTERS_OF_POOLS) this.series.counter(name, { "snakepit.pool": pool });
    }
  }

  #observeProcess(observer: Observer): void {
    observer.observe("snakepit.host.memory.usage", process.memoryUsage.rss(), {});
    const { user, system } = process.cpuUsage();
    observer.observe("snakepit.host.cpu.time", (user + system) / MICROSECONDS, {});
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#eventLoop);
    this.#eventLoop = now;
    observer.observe("snakepit.host.event_loop.utilization", utilization, {});
  }
}

/** The counters of each pool that are increased by rare events. */
const COUNTERS_OF_POOLS = [
  "snakepit.worker.heartbeat.missed",
  "snakepit.worker.health_check.failures",
  "snakepit.zygote.crashes",
] as const satisfies readonly CounterName[];

const POOL_STATES = Object.keys({
  idle: true,
  starting: true,
  ready: true,
  degraded: true,
  failed: true,
  closing: true,
} satisfies Record<PoolState, true>);

function observePool(reading: PoolReading, byWorker: boolean, observer: Observer): void {
  const { workers, capacity, load } = reading;
  const pool = { "snakepit.pool": reading.pool };
  const observe = (name: GaugeName | CounterName, value: number | undefined) => {
    if (value !== undefined) observer.observe(name, value, pool);
  };
  for (const state of POOL_STATES) {
    const value = state === reading.state ? 1 : 0;
    observer.observe("snakepit.pool.state", value, { ...pool, "snakepit.pool.state": state });
  }
  observe("snakepit.pool.size", reading.size);
  observe("snakepit.pool.capacity.limit", capacity);
  observe("snakepit.pool.capacity.usage", load);
  observe("snakepit.pool.capacity.utilization", capacity === 0 ? 0 : load / capacity);
  observe("snakepit.call.active", reading.active);
  observe("snakepit.queue.length", reading.queued);
  observe("snakepit.queue.limit", reading.queueLimit);
  observe("snakepit.queue.oldest", reading.oldestMs / MS);
  observe("snakepit.queue.timeouts", reading.queueTimeouts);
  observe("snakepit.queue.rejections", reading.saturated);
  observe("snakepit.worker.crashes", reading.crashed);
  observe("snakepit.worker.heartbeat.late", workers.filter(({ isLate }) => isLate).length);
  observe("snakepit.worker.memory.limit", reading.memoryLimitBytes);
  observe("snakepit.worker.memory.recycle_at", reading.recycleAtBytes);
  const known = workers.flatMap(({ rssBytes }) => rssBytes ?? []);
  if (known.length > 0) observe("snakepit.worker.memory.max", Math.max(...known));
  const states = { starting: reading.starting, idle: 0, busy: 0, stuck: 0, leaving: 0 };
  for (const { state } of workers) states[state] += 1;
  for (const [state, count] of Object.entries(states)) {
    observer.observe("snakepit.workers", count, { ...pool, "snakepit.worker.state": state });
  }
  if (byWorker) {
    for (const worker of workers) observeWorkers([worker], { ...pool, "snakepit.worker.id": worker.id }, observer);
  } else {
    observeWorkers(workers, pool, observer);
  }
}

/** Reads what is known about one worker, or the totals of several. */
function observeWorkers(
  workers: readonly WorkerReading[],
  attributes: AttributesOf<"snakepit.worker.uptime">,
  observer: Observer,
): void {
  const observe = (name: GaugeName, read: (worker: WorkerReading) => number | undefined) => {
    const values = workers.flatMap((worker) => read(worker) ?? []);
    const total = values.reduce((sum, value) => sum + value, 0);
    if (values.length > 0) observer.observe(name, total, attributes);
  };
  observe("snakepit.worker.memory.usage", ({ rssBytes }) => rssBytes);
  observe("snakepit.worker.cpu.usage", ({ cpuLoad }) => cpuLoad);
  observe("snakepit.worker.threads", ({ threads }) => threads);
  const oldest = workers.reduce((age, { ageMs }) => Math.max(age, ageMs), 0);
  observer.observe("snakepit.worker.uptime", oldest / MS, attributes);
}
