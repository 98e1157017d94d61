import type {
  Dashboard,
  DashboardOptions,
  EventName,
  HealthOptions,
  HealthReport,
  HostDebugState,
  HostInspection,
  InspectionOptions,
  Recommendation,
  Saturation,
  WorkerStacks,
} from "@snakepit/core";
import type {
  AnyListener,
  Listener,
  ListenerOptions,
  MetricsEndpoint,
  MetricsOptions,
  Unsubscribe,
} from "@snakepit/telemetry";
import { checkAnyListenerArguments, checkListenerArguments } from "../calling/event-names.ts";
import type { Host } from "../host/host.ts";
import type { RunningHost } from "./running-host.ts";

/** The methods of a host that observe it. What they need is loaded with the first use. */
export abstract class ControllableHost {
  readonly #observed: Host;

  protected constructor(host: Host) {
    this.#observed = host;
  }

  /** Returns the port through which the host is observed and operated, for tools such as the dashboard. */
  abstract control(): Promise<RunningHost>;

  /**
   * Returns the state of all pools, or of one: workers, capacity, queue, memory, the traffic of the last minute, and
   * recommendations with their reasons. The command `snakepit inspect` shows the same.
   *
   * @param options.pool only this pool.
   * @param options.saturationThreshold the utilization from which a pool counts as saturated; 0.8 by default.
   * @throws SnakepitError as a rejection: `UNKNOWN_POOL`, `INVALID_ARGUMENT`.
   * @example
   * const { pools, recommendations } = await pit.inspect();
   * for (const { message, reasons } of recommendations) console.log(message, reasons);
   */
  async inspect(options?: InspectionOptions): Promise<HostInspection> {
    return await (await this.control()).inspect(options);
  }

  /**
   * Returns how far each pool is from the end of its capacity.
   *
   * @param threshold the utilization from which a pool counts as saturated: above 0 and up to 1; 0.8 by default.
   * @throws SnakepitError as a rejection: `INVALID_ARGUMENT`.
   */
  async saturation(threshold?: number): Promise<readonly Saturation[]> {
    return await (await this.control()).saturation(threshold);
  }

  /** Returns what would help, with reasons and figures, the most important first; empty if nothing would. */
  async recommendations(): Promise<readonly Recommendation[]> {
    return await (await this.control()).recommendations();
  }

  /**
   * Returns the Python stacks of all threads and asyncio tasks of a worker. The worker continues, and its calls are not
   * affected. Also works while native code holds the interpreter lock, after a few seconds.
   *
   * @param options.timeoutMs how long to wait, in milliseconds; 10 s by default.
   * @throws SnakepitError as a rejection: `INVALID_ARGUMENT` for an unknown worker, `DEADLINE_EXCEEDED`,
   *   `WORKER_CRASHED` if it ends meanwhile, `CANCELLED`, `SHUTTING_DOWN`.
   * @example
   * const { threads } = await pit.stacks(pit.workers()[0].id);
   */
  async stacks(
    workerId: string,
    options?: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<WorkerStacks> {
    return await (await this.control()).stacks(workerId, options);
  }

  /**
   * Opens the dashboard in the package `@snakepit/dashboard`: pools, workers, calls, errors, sessions and events in the
   * browser. Listens on the loopback interface and requires a token. Calls are recorded while it is open. It is closed
   * with the host.
   *
   * @param options `{ port, hostname, token, allowedHosts, tls, behindProxy, actions, health, metrics }`.
   * @returns its `url`, which contains the token, and `close()`.
   * @throws SnakepitError as a rejection: `INVALID_CONFIG` when an option is invalid or the address cannot be used,
   *   `UNSUPPORTED_PLATFORM` when the package is not installed, `SHUTTING_DOWN`.
   * @example
   * const { url } = await pit.dashboard({ port: 7788 });
   * console.log(`Dashboard: ${url}`);
   */
  async dashboard(options?: DashboardOptions): Promise<Dashboard> {
    return await (await this.control()).dashboard(options);
  }

  /**
   * Returns slots, queues, affinities and registry rows as JSON data, for reports of problems. The fields may change in
   * any version.
   */
  async debug(): Promise<HostDebugState> {
    return await (await this.control()).debug();
  }

  /**
   * Resolves with whether the host lives and is ready for calls, and with the checks and their reasons, within
   * `health.timeoutMs`. Rejects only for invalid options. `healthHandler` answers HTTP probes with it.
   */
  health(options?: HealthOptions): Promise<HealthReport> {
    return this.#observed.health.health(options);
  }

  /**
   * Calls `listener` with each event of this name or of these names; `docs/events.md` lists the events. Errors of the
   * listener are logged and have no other effect. Returns a function that removes the listener.
   *
   * @param options.signal removes the listener when it aborts.
   * @throws SnakepitError `INVALID_ARGUMENT` for an unknown event.
   * @example
   * pit.on("worker.exited", ({ workerId, exit }) => console.warn(workerId, exit.signal));
   */
  on<Name extends EventName>(
    names: Name | readonly Name[],
    listener: Listener<Name>,
    options?: ListenerOptions,
  ): Unsubscribe {
    checkListenerArguments(names, listener, options);
    return this.#observed.telemetry.on(names, listener, options);
  }

  /** Calls `listener` with every event, which also has its `name` and `time`; otherwise like {@link on}. */
  onAny(listener: AnyListener, options?: ListenerOptions): Unsubscribe {
    checkAnyListenerArguments(listener, options);
    return this.#observed.telemetry.onAny(listener, options);
  }

  /**
   * Returns the metrics for Prometheus; `docs/metrics.md` lists them. The host measures its calls from the first use of
   * this method on: call it at the start.
   *
   * @param options.byWorker whether each worker has series of its memory, processors, threads and uptime.
   * @param options.maxTools tools with separate series; further ones share the name `_other`. Default: 100.
   * @throws SnakepitError as a rejection: `INVALID_ARGUMENT`.
   * @example
   * const metrics = await pit.metrics();
   * createServer((_, response) => {
   *   const { contentType, text } = metrics.read();
   *   response.setHeader("content-type", contentType).end(text);
   * }).listen(9464, "127.0.0.1");
   */
  async metrics(options?: MetricsOptions): Promise<MetricsEndpoint> {
    return (await this.control()).metrics(options);
  }
}
