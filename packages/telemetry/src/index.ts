export type { Listener, Unsubscribe } from "./events/event-listeners.ts";
export { createTelemetry, type Telemetry, type TelemetryOptions } from "./telemetry.ts";
