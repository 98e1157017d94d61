export type { AnyEvent, AnyListener, Listener } from "./events/event-channel.ts";
export type { ListenerOptions, Unsubscribe } from "./events/event-listeners.ts";
export type { HeldRecords } from "./logs/start-logger.ts";
export type { HostMetrics, ReadOptions } from "./metrics/host-metrics.ts";
export type { HostReadings, PoolReading, WorkerReading } from "./metrics/host-readings.ts";
export { METRIC_ATTRIBUTES } from "./metrics/instrument-definition.ts";
export { INSTRUMENTS, type InstrumentName } from "./metrics/instruments.ts";
export {
  type MetricsEndpoint,
  type MetricsOptions,
  type MetricsReadOptions,
  type MetricsText,
  openMetrics,
} from "./metrics/metrics-endpoint.ts";
export type { OperationMeter, OperationTarget } from "./metrics/operations.ts";
export { labelName, prometheusName } from "./metrics/prometheus-names.ts";
export type { PythonTelemetry } from "./python/python-telemetry.ts";
export { createTelemetry, type Telemetry, type TelemetryOptions } from "./telemetry.ts";
