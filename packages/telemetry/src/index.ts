export type { AnyEvent, AnyListener, Listener } from "./events/event-channel.ts";
export type { ListenerOptions, Unsubscribe } from "./events/event-listeners.ts";
export type { HeldRecords } from "./logs/start-logger.ts";
export type { PythonTelemetry } from "./python/python-telemetry.ts";
export { createTelemetry, type Telemetry, type TelemetryOptions } from "./telemetry.ts";
