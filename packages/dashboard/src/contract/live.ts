import type { HostInspection, HostWorker } from "@snakepit/core";
import type { CallLists, ErrorGroup } from "./calls.ts";

/** The parts of a live message. A viewer subscribes to those that its view shows. */
export const LIVE_TOPICS = ["overview", "workers", "calls", "errors"] as const;

export type LiveTopic = (typeof LIVE_TOPICS)[number];

/** What the server sends once per second to each viewer: the topics of its subscription. */
export interface LiveMessage {
  readonly at: number;
  readonly overview?: Overview;
  readonly workers?: readonly HostWorker[];
  readonly calls?: CallLists;
  readonly errors?: readonly ErrorGroup[];
}

/** The state and the traffic of a host. */
export interface Overview {
  readonly inspection: HostInspection;
  /** All pools together. */
  readonly traffic: Traffic;
  /** By the name of the pool; absent before its first call. */
  readonly pools: Readonly<Record<string, Traffic>>;
  /** The tools with the most calls in the last minute. */
  readonly tools: readonly ToolTraffic[];
  /** Groups of errors, and errors in them. */
  readonly errors: { readonly groups: number; readonly count: number };
}

/** The calls that have ended recently. */
export interface Traffic {
  /** The last full second. */
  readonly last: SecondPoint;
  /** The last minute. */
  readonly minute: TrafficSummary;
  /** Calls of the last minute by duration: upper bounds in milliseconds, ascending, and the calls up to each. */
  readonly distribution: readonly (readonly [upToMs: number, calls: number])[];
}

/** Calls within one second. */
export interface SecondPoint {
  /** The end of the second. */
  readonly at: number;
  readonly calls: number;
  readonly errors: number;
  /** Percentiles of the durations; `null` in a second without calls. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Calls within a minute. */
export interface TrafficSummary {
  readonly calls: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** The calls of one tool in the last minute. */
export interface ToolTraffic extends TrafficSummary {
  readonly pool: string;
  readonly tool: string;
}

/** The seconds of up to 15 minutes, as columns. */
export interface TrafficHistory {
  readonly at: readonly number[];
  readonly calls: readonly number[];
  readonly errors: readonly number[];
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
}

/** The answer to a request that failed. */
export interface ProblemMessage {
  readonly error: { readonly code: string; readonly message: string };
}

/** What the page needs to know before it shows anything else. */
export interface SessionInfo {
  /** Whether recycling, draining and stacks are available. */
  readonly actions: boolean;
  /** Whether the server answers `/healthz` and `/metrics`. */
  readonly health: boolean;
  readonly metrics: boolean;
}
