import type {
  HostDebugState,
  HostInspection,
  InspectionOptions,
  Recommendation,
  Saturation,
  WorkerStacks,
} from "@snakepit/core";
import type { MetricsEndpoint, MetricsOptions } from "@snakepit/telemetry";
import type { RunningHost } from "./running-host.ts";

/** The methods of a host that observe it. What they need is loaded with the first use. */
export abstract class ControllableHost {
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
   * Returns slots, queues, affinities and registry rows as JSON data, for reports of problems. The fields may change in
   * any version.
   */
  async debug(): Promise<HostDebugState> {
    return await (await this.control()).debug();
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
