import type { CallTrace, SnakepitError } from "@snakepit/core";
import type { ToolTraffic as ToolSummary, Traffic, TrafficHistory, TrafficSummary } from "../contract/live.ts";
import { LatencyHistogram, SlidingCount, SlidingHistogram } from "./latency-histogram.ts";
import { emptyPoint, percentilesOf, SecondHistory } from "./second-history.ts";

/** The parts of the minute of a tool; those of a pool are its seconds. */
const TOOL_SLICES = 6;
const SECONDS_PER_TOOL_SLICE = 60 / TOOL_SLICES;

/** Tools of a pool that are counted separately; all others are counted together. */
const MOST_TOOLS = 100;
const OTHER_TOOLS = "(other tools)";

/** Tools in a live message. */
const LISTED_TOOLS = 20;

/**
 * Calls of a tool per second that are recorded with their times. If it has more, a random part of them is: reading the
 * clock and keeping a record would otherwise cost more than a small part of the call.
 */
const RECORDED_PER_SECOND = 400;

/** Receives the errors of calls that are only counted. */
export type OnError = (error: SnakepitError, pool: string, tool: string) => void;

/** The calls of one tool. It is itself the trace of those that are only counted, so that these allocate nothing. */
export class ToolTraffic implements CallTrace {
  readonly traceparent = undefined;
  readonly calls = new SlidingCount(TOOL_SLICES);
  readonly errors = new SlidingCount(TOOL_SLICES);
  readonly latency = new SlidingHistogram(TOOL_SLICES);
  readonly name: string;
  readonly #pool: PoolTraffic;
  /** The number of calls of which one is recorded. */
  #stride = 1;
  #untilRecorded = 1;
  #countedAtTick = 0;

  constructor(name: string, pool: PoolTraffic) {
    this.name = name;
    this.#pool = pool;
  }

  /** Whether the next call is recorded. Called once for each call. */
  isRecorded(): boolean {
    this.#untilRecorded -= 1;
    if (this.#untilRecorded > 0) return false;
    // Random, so that a pattern in the calls does not select the same ones; the mean is the stride.
    this.#untilRecorded = this.#stride === 1 ? 1 : 1 + Math.floor(Math.random() * (2 * this.#stride - 1));
    return true;
  }

  dispatched(): void {}

  /** A call that is only counted has ended. */
  ended(error?: SnakepitError): void {
    this.count(error);
    if (error !== undefined) this.#pool.onError(error, this.#pool.name, this.name);
  }

  /** Counts a call that has ended. */
  count(error: SnakepitError | undefined): void {
    this.calls.current += 1;
    this.#pool.calls.current += 1;
    if (error === undefined) return;
    this.errors.current += 1;
    this.#pool.errors.current += 1;
  }

  /** Adds the duration of a recorded call, which stands for the calls since the one before. */
  addDuration(bucket: number): void {
    this.latency.current.add(bucket, this.#stride);
    this.#pool.latency.current.add(bucket, this.#stride);
  }

  /** Ends a second. */
  tick(endsSlice: boolean): void {
    const calls = this.calls.current - this.#countedAtTick;
    this.#stride = Math.max(1, Math.round(calls / RECORDED_PER_SECOND));
    this.#untilRecorded = Math.min(this.#untilRecorded, this.#stride);
    if (endsSlice) for (const sliding of [this.calls, this.errors, this.latency]) sliding.advance();
    this.#countedAtTick = this.calls.current;
  }
}

/** The calls of one pool that have ended. */
export class PoolTraffic {
  readonly name: string;
  readonly onError: OnError;
  readonly calls = new SlidingCount(60);
  readonly errors = new SlidingCount(60);
  readonly latency = new SlidingHistogram(60);
  readonly history = new SecondHistory();
  readonly #tools = new Map<string, ToolTraffic>();

  constructor(name: string, onError: OnError) {
    this.name = name;
    this.onError = onError;
  }

  get tools(): Iterable<ToolTraffic> {
    return this.#tools.values();
  }

  /** Returns a tool that has been called before. */
  knownTool(name: string): ToolTraffic | undefined {
    return this.#tools.get(name);
  }

  /** Returns a tool, or the one that stands for all others when there are too many. */
  tool(name: string): ToolTraffic {
    const known = this.#tools.get(name);
    if (known !== undefined) return known;
    const counted = this.#tools.size < MOST_TOOLS ? name : OTHER_TOOLS;
    let tool = this.#tools.get(counted);
    if (tool === undefined) {
      tool = new ToolTraffic(counted, this);
      this.#tools.set(counted, tool);
    }
    return tool;
  }
}

/** The calls of a host that have ended. */
export class HostTraffic {
  readonly #pools = new Map<string, PoolTraffic>();
  readonly #history = new SecondHistory();
  readonly #onError: OnError;
  /** Reused: each summary merges the slices of a minute. */
  readonly #merged = new LatencyHistogram();
  #seconds = 0;
  #lastTick = performance.now();

  constructor(onError: OnError) {
    this.#onError = onError;
  }

  /** Returns a tool whose calls have ended before; `undefined` for the first one. */
  knownTool(pool: string, tool: string): ToolTraffic | undefined {
    return this.#pools.get(pool)?.knownTool(tool);
  }

  tool(pool: string, tool: string): ToolTraffic {
    let traffic = this.#pools.get(pool);
    if (traffic === undefined) {
      traffic = new PoolTraffic(pool, this.#onError);
      this.#pools.set(pool, traffic);
    }
    return traffic.tool(tool);
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
    let [allCalls, allErrors] = [0, 0];
    for (const { calls, errors, latency, history, tools } of this.#pools.values()) {
      all.merge(latency.current);
      allCalls += calls.current;
      allErrors += errors.current;
      history.add(at, seconds, calls.current, errors.current, latency.current);
      for (const sliding of [calls, errors, latency]) sliding.advance();
      for (const tool of tools) tool.tick(this.#seconds % SECONDS_PER_TOOL_SLICE === 0);
    }
    this.#history.add(at, seconds, allCalls, allErrors, all);
  }

  /** Returns the recent traffic of all pools together. */
  total(): Traffic {
    return this.#traffic([...this.#pools.values()], this.#history);
  }

  /** Returns the recent traffic of each pool, by name. */
  byPool(): Readonly<Record<string, Traffic>> {
    return Object.fromEntries([...this.#pools].map(([name, pool]) => [name, this.#traffic([pool], pool.history)]));
  }

  /** Returns the tools with the most calls in the last minute. */
  tools(): readonly ToolSummary[] {
    const tools = [...this.#pools].flatMap(([pool, { tools: all }]) => Array.from(all, (tool) => ({ pool, tool })));
    const busiest = tools
      .filter(({ tool }) => tool.calls.total > 0)
      .sort((a, b) => b.tool.calls.total - a.tool.calls.total);
    return busiest
      .slice(0, LISTED_TOOLS)
      .map(({ pool, tool }) => ({ pool, tool: tool.name, ...this.#summary([tool]) }));
  }

  /** Returns the seconds of one pool, or of all pools together. A pool without calls has none. */
  history(pool: string | undefined): TrafficHistory {
    const history = pool === undefined ? this.#history : this.#pools.get(pool)?.history;
    return (history ?? new SecondHistory()).columns();
  }

  #traffic(pools: readonly PoolTraffic[], history: SecondHistory): Traffic {
    const minute = this.#summary(pools);
    return { last: history.last ?? emptyPoint(), minute, distribution: this.#merged.distribution() };
  }

  #summary(parts: readonly Pick<PoolTraffic, "calls" | "errors" | "latency">[]): TrafficSummary {
    this.#merged.clear();
    for (const { latency } of parts) latency.mergeInto(this.#merged);
    const sum = (name: "calls" | "errors") => parts.reduce((total, part) => total + part[name].total, 0);
    return { calls: sum("calls"), errors: sum("errors"), ...percentilesOf(this.#merged) };
  }
}
