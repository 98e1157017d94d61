import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { setImmediate, setTimeout } from "node:timers/promises";
import { toSnakepitError } from "@snakepit/core";

/** How to load a tool. */
export interface LoadOptions<Observed> {
  /** Makes one call. */
  readonly call: () => Promise<void>;
  /** The number of callers. */
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** Called when the measurement begins; the returned function is called when it ends. */
  readonly observe: () => (elapsedMs: number) => Observed;
  /** Ends the load early; the promise then rejects with its reason. */
  readonly signal: AbortSignal;
}

/** What was measured. */
export interface LoadResult<Observed> {
  /** What `observe` returned. */
  readonly observed: Observed;
  /** The length of the measurement, which a busy event loop may extend. */
  readonly durationMs: number;
  /** Calls that succeeded. */
  readonly calls: number;
  /** Successful calls per second of each fifth of the measurement. */
  readonly parts: readonly number[];
  /** Latencies of successful calls in nanoseconds. */
  readonly latency: RecordableHistogram;
  /** Failed calls by error code. */
  readonly errors: Readonly<Record<string, number>>;
}

/** The parts of a measurement whose throughput shows the spread. */
const PARTS = 5;

/**
 * Calls a tool in closed loops: each caller starts a call when its previous one has ended. Calls that end within the
 * measurement count, also those that started during the warm-up; a call that is active at its end does not. Waits for
 * these calls before it resolves.
 */
export async function closedLoop<Observed>(options: LoadOptions<Observed>): Promise<LoadResult<Observed>> {
  const { call, concurrency, warmUpMs, durationMs, observe, signal } = options;
  const latency = createHistogram();
  const parts: number[] = Array.from({ length: PARTS }, () => 0);
  const errors: Record<string, number> = {};
  let beganAt: number | undefined;
  let isEnded = false;

  const succeeded = (startedAt: number) => {
    const now = performance.now();
    if (beganAt === undefined || isEnded) return;
    latency.record(Math.max(1, Math.round((now - startedAt) * 1e6)));
    const part = Math.min(PARTS - 1, Math.floor(((now - beganAt) / durationMs) * PARTS));
    parts[part] = (parts[part] ?? 0) + 1;
  };
  const failed = (thrown: unknown) => {
    if (beganAt === undefined || isEnded) return;
    const { code } = toSnakepitError(thrown);
    errors[code] = (errors[code] ?? 0) + 1;
  };
  const caller = async () => {
    while (!isEnded && !signal.aborted) {
      const startedAt = performance.now();
      try {
        await call();
        succeeded(startedAt);
      } catch (thrown) {
        failed(thrown);
        // A pool rejects calls immediately when its queue is full; without a pause, nothing else would run.
        await setImmediate();
      }
    }
  };

  const callers = Promise.all(Array.from({ length: concurrency }, caller));
  try {
    await setTimeout(warmUpMs, undefined, { signal });
    const end = observe();
    beganAt = performance.now();
    await setTimeout(durationMs, undefined, { signal });
    const elapsedMs = performance.now() - beganAt;
    isEnded = true;
    const observed = end(elapsedMs);
    await callers;
    const calls = parts.reduce((sum, part) => sum + part, 0);
    return {
      observed,
      durationMs: elapsedMs,
      calls,
      parts: parts.map(partRate(durationMs, elapsedMs)),
      latency,
      errors,
    };
  } finally {
    isEnded = true;
  }
}

/** Returns the function that converts the calls of a part to calls per second; the last part may be longer. */
function partRate(durationMs: number, elapsedMs: number): (calls: number, part: number) => number {
  const partMs = durationMs / PARTS;
  return (calls, part) => (calls * 1000) / (part === PARTS - 1 ? elapsedMs - partMs * (PARTS - 1) : partMs);
}
