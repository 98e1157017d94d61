import { mustBe, rejectUnknownOptions, SnakepitError } from "@snakepit/core";
import type { HostMetrics } from "./host-metrics.ts";
import { CONTENT_TYPES, preferredFormat } from "./metrics-format.ts";
import { metricsText } from "./prometheus-text.ts";

/** Options of `pit.metrics()`. */
export interface MetricsOptions {
  /**
   * Whether memory, processors, threads and uptime have a series for each worker, with the label `snakepit_worker_id`.
   * Every started worker then adds series to the database. Default: false, one for each pool.
   */
  readonly byWorker?: boolean | undefined;
  /**
   * Tools that have separate series; further ones share the name `_other`. Applies to the whole host; names that
   * have series keep them. Default: 100.
   */
  readonly maxTools?: number | undefined;
}

/** Options of {@link MetricsEndpoint.read}. */
export interface MetricsReadOptions {
  /**
   * The header `accept` of the request. If it names OpenMetrics, as that of Prometheus does, the durations have
   * exemplars: the traces of calls. Default: the text format of Prometheus.
   */
  readonly accept?: string | undefined;
}

/** Metrics in a format for Prometheus. */
export interface MetricsText {
  /** The value of the header `content-type`. */
  readonly contentType: string;
  readonly text: string;
}

/** The metrics of a host, for a scraper. Needs no resources, and is not closed. */
export interface MetricsEndpoint {
  /** Reads the metrics now. Takes time proportional to the workers. */
  read(options?: MetricsReadOptions): MetricsText;
  /**
   * Answers `GET` and `HEAD` with the metrics and other methods with 405. Can be passed on without its object, to any
   * server that uses `Request` and `Response`.
   */
  readonly handler: (request: Request) => Promise<Response>;
}

/**
 * Returns the metrics of a host. Its calls are measured from the first use to the end of the host.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`.
 */
export function openMetrics(metrics: HostMetrics, options: MetricsOptions = {}): MetricsEndpoint {
  rejectUnknownOptions("metrics", options, ["byWorker", "maxTools"]);
  const { byWorker = false, maxTools } = options;
  if (typeof byWorker !== "boolean") throw invalid(mustBe("byWorker", "a boolean", byWorker));
  if (maxTools !== undefined && (!Number.isInteger(maxTools) || maxTools < 1)) {
    throw invalid(mustBe("maxTools", "a positive integer", maxTools));
  }
  if (maxTools !== undefined) metrics.tools.limit = maxTools;
  metrics.measureToTheEnd();
  const read = ({ accept }: MetricsReadOptions = {}) => {
    const format = preferredFormat(accept);
    return { contentType: CONTENT_TYPES[format], text: metricsText(metrics, format, { byWorker }) };
  };
  return {
    read,
    async handler({ method, headers }) {
      if (method !== "GET" && method !== "HEAD") {
        return new Response("use GET\n", { status: 405, headers: { allow: "GET, HEAD" } });
      }
      const { contentType, text } = read({ accept: headers.get("accept") ?? undefined });
      const fields = { "content-type": contentType, vary: "accept" };
      return new Response(method === "HEAD" ? null : text, { headers: fields });
    },
  };
}

function invalid(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message);
}
