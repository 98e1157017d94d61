import type { SecondPoint, ToolTraffic, Traffic, TrafficHistory, TrafficSummary } from "../contract/live.ts";
import { LatencyHistogram, SlidingHistogram } from "./latency-histogram.ts";

/** The length of the history, in seconds. */
const HISTORY_SECONDS = 15 * 60;

/** The parts of the minute of a tool; those of a pool are its seconds. */
const TOOL_SLICES = 6;
const SECONDS_PER_TOOL_SLICE = 60 / TOOL_SLICES;

/** Tools of a pool that are counted separately; all others are counted together. */
const MOST_TOOLS = 100;
const OTHER_TOOLS = "(other tools)";

/** Tools in a live message. */
const LISTED_TOOLS = 20;

const PERCENTILES = [0.5, 0.95, 0.99] as const;

/** The calls of one pool that have ended. */
export class PoolTraffic {
  readonly minute = new SlidingHistogram(60);
  readonly history = new SecondHistory();
  readonly tools = new Map<string, SlidingHistogram>();

  /** Counts a call. */
  add(tool: string, bucket: number, failed: boolean): void {
    this.minute.add(bucket, failed);
    this.#tool(tool).add(bucket, failed);
  }

  #tool(name: string): SlidingHistogram {
    const known = this.tools.get(name);
    if (known !== undefined) return known;
    const counted = this.tools.size < MOST_TOOLS ? name : OTHER_TOOLS;
    let histogram = this.tools.get(counted);
    if (histogram === undefined) this.tools.set(counted, (histogram = new SlidingHistogram(TOOL_SLICES)));
    return histogram;
  }
}

/** The calls of a host that have ended. */
export class HostTraffic {
  readonly pools = new Map<string, PoolTraffic>();
  readonly #history = new SecondHistory();
  readonly #merged = new LatencyHistogram();
  #seconds = 0;
  #lastTick = performance.now();

  pool(name: string): PoolTraffic {
    let pool = this.pools.get(name);
    if (pool === undefined) this.pools.set(name, (pool = new PoolTraffic()));
    return pool;
  }

  /** Ends a second: adds it to the history, and begins the next one. */
  tick(): void {
    const now = performance.now();
    // The timer is late when the process is busy; the rates stay correct.
    const seconds = Math.max(0.5, (now - this.#lastTick) / 1_000);
    this.#lastTick = now;
    this.#seconds += 1;
    const at = Date.now();
    const all = new LatencyHistogram();
    let errors = 0;
    for (const { minute, history, tools } of this.pools.values()) {
      all.merge(minute.current);
      errors += minute.currentErrors;
      history.add(pointOf(at, seconds, minute.current, minute.currentErrors));
      minute.advance();
      if (this.#seconds % SECONDS_PER_TOOL_SLICE === 0) for (const tool of tools.values()) tool.advance();
    }
    this.#history.add(pointOf(at, seconds, all, errors));
  }

  /** Returns the recent traffic of all pools together. */
  total(): Traffic {
    return this.#traffic([...this.pools.values()], this.#history);
  }

  /** Returns the recent traffic of each pool, by name. */
  byPool(): Readonly<Record<string, Traffic>> {
    return Object.fromEntries([...this.pools].map(([name, pool]) => [name, this.#traffic([pool], pool.history)]));
  }

  /** Returns the tools with the most calls in the last minute. */
  tools(): readonly ToolTraffic[] {
    const tools = [...this.pools].flatMap(([pool, traffic]) =>
      [...traffic.tools].map(([tool, minute]) => ({ pool, tool, minute, calls: minute.total })),
    );
    const busiest = tools.filter(({ calls }) => calls > 0).sort((a, b) => b.calls - a.calls);
    return busiest.slice(0, LISTED_TOOLS).map(({ pool, tool, minute }) => ({ pool, tool, ...this.#summary([minute]) }));
  }

  /** Returns the seconds of one pool, or of all pools together. A pool without calls has none. */
  history(pool: string | undefined): TrafficHistory {
    const history = pool === undefined ? this.#history : this.pools.get(pool)?.history;
    return (history ?? new SecondHistory()).columns();
  }

  #traffic(pools: readonly PoolTraffic[], history: SecondHistory): Traffic {
    const minute = this.#summary(pools.map((pool) => pool.minute));
    return { last: history.last ?? emptyPoint(), minute, distribution: this.#merged.distribution() };
  }

  #summary(minutes: readonly SlidingHistogram[]): TrafficSummary {
    this.#merged.clear();
    for (const minute of minutes) minute.mergeInto(this.#merged);
    const errors = minutes.reduce((sum, minute) => sum + minute.errors, 0);
    return { calls: this.#merged.total, errors, ...percentilesOf(this.#merged) };
  }
}

/** The last seconds. */
class SecondHistory {
  readonly #points: SecondPoint[] = [];

  get last(): SecondPoint | undefined {
    return this.#points.at(-1);
  }

  add(point: SecondPoint): void {
    this.#points.push(point);
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

function pointOf(at: number, seconds: number, calls: LatencyHistogram, errors: number): SecondPoint {
  const perSecond = (count: number) => Math.round((count / seconds) * 10) / 10;
  return { at, calls: perSecond(calls.total), errors: perSecond(errors), ...percentilesOf(calls) };
}

function percentilesOf(calls: LatencyHistogram): Pick<TrafficSummary, "p50" | "p95" | "p99"> {
  const [p50 = null, p95 = null, p99 = null] = calls.percentiles(PERCENTILES).map(rounded);
  return { p50, p95, p99 };
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Number(ms.toPrecision(3));
}

function emptyPoint(): SecondPoint {
  return { at: Date.now(), calls: 0, errors: 0, p50: null, p95: null, p99: null };
}
