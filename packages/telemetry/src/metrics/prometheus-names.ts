import type { InstrumentDefinition } from "./instrument-definition.ts";
import { INSTRUMENTS, type InstrumentName } from "./instruments.ts";

/**
 * Returns the name of an instrument in Prometheus, as an OpenTelemetry collector derives it too
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/): `snakepit_calls_total`,
 * `snakepit_call_duration_seconds`.
 */
export function prometheusName(name: InstrumentName): string {
  const { kind, unit }: InstrumentDefinition = INSTRUMENTS[name];
  const words = [labelName(name)];
  if (unit === "s") words.push("seconds");
  if (unit === "By") words.push("bytes");
  if (unit === "1" && kind === "gauge") words.push("ratio");
  if (kind === "counter") words.push("total");
  return words.join("_");
}

/** Returns the name of the label of an attribute: `error_type`. */
export function labelName(attribute: string): string {
  return attribute.replaceAll(/[^a-zA-Z0-9]/g, "_");
}
