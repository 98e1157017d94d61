import {
  type ControlOptions,
  type Dashboard,
  type DashboardOptions,
  type EventStreamOptions,
  type GraceOptions,
  type HealthReport,
  type HostControl,
  type HostDebugState,
  type HostIdentity,
  type HostInspection,
  type HostProgram,
  type HostSession,
  type HostSessionDetails,
  type HostWorker,
  type InspectionOptions,
  maskSecrets,
  mustBe,
  optionMs,
  optionSignal,
  type PoolSize,
  type Recommendation,
  rejectUnknownOptions,
  type Saturation,
  SnakepitError,
  type ToolDescriptor,
  type WorkerStacks,
} from "@snakepit/core";
import { sessionSnapshot } from "@snakepit/sessions";
import { type MetricsEndpoint, type MetricsOptions, openMetrics } from "@snakepit/telemetry";
import type { PoolClient } from "../calling/pool-client.ts";
import type { PoolClients } from "../calling/pool-clients.ts";
import type { Host } from "../host/host.ts";
import { checkEventStreamOptions, EventStream } from "./event-stream.ts";
import { hostIdentity } from "./host-identity.ts";
import { type ConfiguredPool, hostWorkers, inspectHost, SATURATION_THRESHOLD } from "./inspection.ts";
import { plainConfiguration } from "./json-data.ts";
import { ProcessLoad } from "./machine.ts";
import type { UsageHistory } from "./usage-history.ts";

const STACKS_TIMEOUT_MS = 10_000;
const SESSION_PAGE = 100;
const MAX_SESSION_PAGE = 1_000;

/** Observes and operates the host of this process. */
export class RunningHost implements HostControl {
  readonly host: HostIdentity;
  readonly #host: Host;
  readonly #clients: PoolClients;
  readonly #pools: readonly ConfiguredPool[];
  readonly #history: UsageHistory;
  readonly #load = new ProcessLoad();
  readonly #streams = new Set<EventStream>();

  constructor(host: Host, clients: PoolClients) {
    this.host = hostIdentity(host.runId, host.control.startedAt);
    this.#host = host;
    this.#clients = clients;
    this.#pools = Array.from(host.pools, ([name, pool]) => ({ pool, config: host.config.pools[name] })).filter(
      (each): each is ConfiguredPool => each.config !== undefined,
    );
    this.#history = host.control.history;
    host.control.onClose(() => this.#endStreams());
  }

  async inspect(options: InspectionOptions = {}): Promise<HostInspection> {
    check("inspect", options, ["pool", "saturationThreshold"]);
    const { saturationThreshold: threshold = SATURATION_THRESHOLD } = options;
    checkThreshold("saturationThreshold", threshold);
    return inspectHost({
      host: this.host,
      pools: this.#chosen(options.pool),
      history: this.#history,
      load: this.#load,
      closing: this.#host.isClosing,
      threshold,
    });
  }

  /** Returns how far each pool is from the end of its capacity. */
  async saturation(threshold: number = SATURATION_THRESHOLD): Promise<readonly Saturation[]> {
    checkThreshold("threshold", threshold);
    return (await this.inspect({ saturationThreshold: threshold })).pools.map((pool) => pool.saturation);
  }

  /** Returns what would help, the most important first. */
  async recommendations(): Promise<readonly Recommendation[]> {
    return (await this.inspect()).recommendations;
  }

  async health(options: ControlOptions = {}): Promise<HealthReport> {
    check("health", options, []);
    return await this.#host.health.health();
  }

  async workers(options: { readonly pool?: string | undefined } & ControlOptions = {}): Promise<readonly HostWorker[]> {
    check("workers", options, ["pool"]);
    return this.#chosen(options.pool).flatMap(({ pool }) => hostWorkers(pool));
  }

  async tools(
    options: { readonly pool?: string | undefined } & ControlOptions = {},
  ): Promise<Readonly<Record<string, readonly ToolDescriptor[]>>> {
    check("tools", options, ["pool"]);
    return Object.fromEntries(this.#chosen(options.pool).map(({ pool }) => [pool.name, pool.tools()]));
  }

  async sessions(
    options: { readonly after?: string | undefined; readonly limit?: number | undefined } & ControlOptions = {},
  ): Promise<readonly HostSession[]> {
    check("sessions", options, ["after", "limit"]);
    const { after, limit = SESSION_PAGE } = options;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_SESSION_PAGE) {
      throw invalid(mustBe("limit", `an integer from 1 to ${MAX_SESSION_PAGE}`, limit));
    }
    const records = await this.#host.state.sessions.list({ after, limit });
    return records.map(sessionSnapshot);
  }

  async session(id: string, options: ControlOptions = {}): Promise<HostSessionDetails> {
    check("session", options, []);
    return await this.#host.state.sessionSnapshot(id);
  }

  async programs(options: ControlOptions = {}): Promise<readonly HostProgram[]> {
    check("programs", options, []);
    return await this.#host.state.globalPrograms();
  }

  async configuration(options: ControlOptions = {}): Promise<Readonly<Record<string, unknown>>> {
    check("configuration", options, []);
    return plainConfiguration(maskSecrets(this.#host.config));
  }

  async debug(options: ControlOptions = {}): Promise<HostDebugState> {
    check("debug", options, []);
    const pools = Object.fromEntries(this.#pools.map(({ pool }) => [pool.name, pool.debug()]));
    return { runId: this.host.runId, at: Date.now(), pools, processes: await this.#host.processRecords() };
  }

  /** Returns the metrics for Prometheus, and starts to measure calls. */
  metrics(options?: MetricsOptions): MetricsEndpoint {
    return openMetrics(this.#host.telemetry.metrics, options);
  }

  events(options: EventStreamOptions = {}): EventStream {
    checkEventStreamOptions(options);
    // Without the check, a mistyped name would select no events.
    if (options.pool !== undefined) this.#chosen(options.pool);
    const { telemetry } = this.#host;
    const stream = new EventStream(
      options,
      (names, listener) => {
        const removals = names.map((name) => telemetry.on(name, (event) => listener(name, event)));
        return () => {
          for (const remove of removals) remove();
        };
      },
      (ended) => this.#streams.delete(ended),
    );
    if (this.#host.isClosing) stream.end();
    else if (options.signal?.aborted !== true) this.#streams.add(stream);
    return stream;
  }

  async stacks(
    workerId: string,
    options: { readonly timeoutMs?: number | undefined } & ControlOptions = {},
  ): Promise<WorkerStacks> {
    check("stacks", options, ["timeoutMs"]);
    const timeoutMs = optionMs("timeoutMs", options.timeoutMs) ?? STACKS_TIMEOUT_MS;
    const exists = this.#pools.some(({ pool }) => hostWorkers(pool).some(({ id }) => id === workerId));
    // While calls end, the workers that remain can still be examined.
    if (!exists) this.#host.throwIfClosing("no longer has the worker");
    const client = this.#ownerOf(workerId);
    const pool = this.#host.pools.get(client.name);
    if (pool === undefined) throw this.#clients.unknown(client.name);
    const collected = await pool.readStacks(workerId, { timeoutMs, signal: options.signal });
    const worker = hostWorkers(pool).find(({ id }) => id === workerId);
    const { pid = 0, calls = [] } = worker ?? {};
    return { workerId, pool: client.name, pid, at: Date.now(), calls, ...collected };
  }

  async recycle(workerId: string, options: GraceOptions = {}): Promise<{ readonly replacementId: string }> {
    check("recycle", options, ["graceMs"]);
    this.#host.throwIfClosing("no longer replaces workers");
    return { replacementId: await this.#ownerOf(workerId).recycle(workerId, options) };
  }

  async drain(workerId: string, options: GraceOptions = {}): Promise<void> {
    check("drain", options, ["graceMs"]);
    this.#host.throwIfClosing("no longer drains workers");
    await this.#ownerOf(workerId).drain(workerId, options);
  }

  async reload(
    pool?: string,
    options: ControlOptions = {},
  ): Promise<{ readonly pool: string; readonly workers: number }> {
    check("reload", options, []);
    this.#host.throwIfClosing("no longer reloads code");
    const client = this.#client(pool);
    await abortable(client.reload(), options.signal, `waiting for the reload of pool "${client.name}"`);
    return { pool: client.name, workers: client.stats().workers };
  }

  async resize(pool: string, size: PoolSize, options: GraceOptions = {}): Promise<void> {
    check("resize", options, ["graceMs"]);
    this.#host.throwIfClosing("no longer changes the size of its pools");
    await this.#client(pool).resize(size, options);
  }

  /** Opens the dashboard; see `ControllableHost.dashboard`. */
  async dashboard(options?: DashboardOptions): Promise<Dashboard> {
    const { openDashboard } = await import("../host/open-dashboard.ts");
    return await openDashboard(this.#host, this, options);
  }

  #endStreams(): void {
    for (const stream of [...this.#streams]) stream.end();
  }

  #client(name: string | undefined): PoolClient {
    const client = name === undefined ? this.#clients.unnamed : this.#clients.byName.get(name);
    if (client === undefined) throw this.#clients.unknown(name);
    return client;
  }

  #ownerOf(workerId: string): PoolClient {
    if (typeof workerId !== "string") throw invalid(mustBe("workerId", "the ID of a worker", workerId));
    return this.#clients.ownerOf(workerId);
  }

  #chosen(name: string | undefined): readonly ConfiguredPool[] {
    if (name === undefined) return this.#pools;
    const found = this.#pools.filter(({ pool }) => pool.name === name);
    if (found.length === 0) throw this.#clients.unknown(name);
    return found;
  }
}

function check(method: string, options: ControlOptions, names: readonly string[]): void {
  rejectUnknownOptions(method, options, [...names, "signal"]);
  optionSignal(options.signal);
}

function checkThreshold(name: string, threshold: unknown): void {
  if (typeof threshold === "number" && threshold > 0 && threshold <= 1) return;
  throw invalid(mustBe(name, "a number above 0 and up to 1", threshold));
}

/** Waits for an action, which continues after an abort. */
async function abortable(action: Promise<void>, signal: AbortSignal | undefined, what: string): Promise<void> {
  if (signal === undefined) {
    await action;
    return;
  }
  const aborted = Promise.withResolvers<never>();
  const abort = () =>
    aborted.reject(
      new SnakepitError("CANCELLED", `${what} was cancelled by its AbortSignal`, { cause: signal.reason }),
    );
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  // After an abort, no one waits for a failure, which is an event.
  action.catch(() => {});
  try {
    await Promise.race([action, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
    aborted.promise.catch(() => {});
  }
}

function invalid(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message);
}
