import type { Attributes, BatchObservableResult, Context, Meter } from "@opentelemetry/api";
import type { CallInfo, SnakepitError } from "@snakepit/core";
import { ATTRIBUTE, INSTRUMENT } from "./conventions.ts";
import type { PoolCounts } from "./pool-counts.ts";

/** Upper bounds in seconds: a local call takes tens of microseconds, a model may take minutes. */
const DURATION_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];

/** The instruments of one meter. */
export interface CallMetrics {
  dispatched(call: CallInfo, queueMs: number, context: Context): void;
  ended(call: CallInfo, durationMs: number, error: SnakepitError | undefined, context: Context): void;
  /** Stops the observation of pools. */
  release(): void;
}

/** Creates the instruments. */
export function createCallMetrics(meter: Meter, counts: PoolCounts): CallMetrics {
  const seconds = { unit: "s", advice: { explicitBucketBoundaries: DURATION_BUCKETS } };
  const calls = meter.createCounter(INSTRUMENT.calls, { unit: "{call}", description: "Calls that have ended" });
  const callDuration = meter.createHistogram(INSTRUMENT.callDuration, {
    ...seconds,
    description: "Time from a call to its answer, queueing included",
  });
  const queueDuration = meter.createHistogram(INSTRUMENT.queueDuration, {
    ...seconds,
    description: "Time that a call waited for a worker",
  });
  const release = observePools(meter, counts);
  return {
    dispatched: (call, queueMs, context) => queueDuration.record(queueMs / 1_000, attributesOf(call), context),
    ended(call, durationMs, error, context) {
      const attributes = attributesOf(call, error);
      calls.add(1, attributes, context);
      callDuration.record(durationMs / 1_000, attributes, context);
    },
    release,
  };
}

function observePools(meter: Meter, counts: PoolCounts): () => void {
  const workers = meter.createObservableGauge(INSTRUMENT.workers, {
    unit: "{worker}",
    description: "Workers that are ready",
  });
  const restarts = meter.createObservableCounter(INSTRUMENT.restarts, {
    unit: "{restart}",
    description: "Workers that replaced one that ended unexpectedly",
  });
  const observe = (result: BatchObservableResult) => {
    for (const count of counts.pools()) {
      const attributes = { [ATTRIBUTE.pool]: count.pool };
      result.observe(workers, count.workers, attributes);
      result.observe(restarts, count.restarts, attributes);
    }
  };
  meter.addBatchObservableCallback(observe, [workers, restarts]);
  return () => meter.removeBatchObservableCallback(observe, [workers, restarts]);
}

function attributesOf(call: CallInfo, error?: SnakepitError): Attributes {
  // Each unknown name would create a time series, and callers may be untrusted.
  const tool = error?.code === "UNKNOWN_TOOL" ? "_unknown" : call.tool;
  const attributes: Attributes = { [ATTRIBUTE.pool]: call.pool, [ATTRIBUTE.tool]: tool };
  if (error !== undefined) attributes[ATTRIBUTE.errorType] = error.code;
  return attributes;
}
