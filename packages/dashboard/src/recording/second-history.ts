import type { SecondPoint, TrafficHistory, TrafficSummary } from "../contract/live.ts";
import type { LatencyHistogram } from "./latency-histogram.ts";

/** The length of the history, in seconds. */
const HISTORY_SECONDS = 15 * 60;

const PERCENTILES = [0.5, 0.95, 0.99] as const;

/** The last seconds of a pool or of a host. */
export class SecondHistory {
  readonly #points: SecondPoint[] = [];

  get last(): SecondPoint | undefined {
    return this.#points.at(-1);
  }

  /**
   * Adds a second.
   *
   * @param seconds its real length.
   */
  add(at: number, seconds: number, calls: number, errors: number, latency: LatencyHistogram): void {
    const perSecond = (count: number) => Math.round((count / seconds) * 10) / 10;
    this.#points.push({ at, calls: perSecond(calls), errors: perSecond(errors), ...percentilesOf(latency) });
    if (this.#points.length > HISTORY_SECONDS) this.#points.shift();
  }

  columns(): TrafficHistory {
    const column = <Name extends keyof SecondPoint>(name: Name) => this.#points.map((point) => point[name]);
    return {
      at: column("at"),
      calls: column("calls"),
      errors: column("errors"),
      p50: column("p50"),
      p95: column("p95"),
      p99: column("p99"),
    };
  }
}

/** Returns the percentiles of a histogram, with three digits. */
export function percentilesOf(latency: LatencyHistogram): Pick<TrafficSummary, "p50" | "p95" | "p99"> {
  const [p50 = null, p95 = null, p99 = null] = latency.percentiles(PERCENTILES).map(rounded);
  return { p50, p95, p99 };
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Number(ms.toPrecision(3));
}

/** The second before the first one. */
export function emptyPoint(): SecondPoint {
  return { at: Date.now(), calls: 0, errors: 0, p50: null, p95: null, p99: null };
}
