/** The attributes of measurements, and the label of each in Prometheus. */
export const METRIC_ATTRIBUTES = {
  "snakepit.pool": "Name of the pool.",
  "snakepit.tool":
    "Name of the tool: `_unknown` for a name that no tool has or no worker has executed yet, `_other` for all names beyond the limit (`maxTools`).",
  "error.type": "Code of the error; absent for a success.",
  "snakepit.pool.state": "State of the pool, as in `stats()`.",
  "snakepit.worker.id": "ID of the worker; only with `byWorker`.",
  "snakepit.worker.state":
    "`starting`, `idle`, `busy`, `stuck`, or `leaving` for a worker that is draining or stopping.",
  "snakepit.reason": "Why, as in the event.",
  "snakepit.exit": "How the process ended: `requested`, the name of a signal, or `status` and the exit status.",
  "snakepit.level": "Level of the log record.",
  "snakepit.gc.generation": "The oldest generation that was collected: 0, 1 or 2.",
  "snakepit.circuit.state": "`closed`, `open` or `half-open`.",
  "snakepit.operation": "Name of the operation.",
  "snakepit.event": "Name of the event, as in the catalogue of events.",
  "snakepit.phase": "When the processes were found, as in the event.",
  "snakepit.version": "Version of Snakepit.",
} as const;

export type MetricAttribute = keyof typeof METRIC_ATTRIBUTES;

/** The attributes of one series: values by name. */
export type SeriesAttributes = Partial<Readonly<Record<MetricAttribute, string>>>;

/**
 * - `counter`: a number that only increases;
 * - `gauge`: a value at the moment of the reading;
 * - `histogram`: numbers of values up to each of several bounds, their total and their sum.
 */
export type InstrumentKind = "counter" | "gauge" | "histogram";

/**
 * An instrument, with the unit in UCUM notation that the semantic conventions of OpenTelemetry require
 * (https://opentelemetry.io/docs/specs/semconv/general/metrics/): `s`, `By`, `1` for a ratio, `{cpu}`, or a counted thing
 * in braces.
 */
export interface InstrumentDefinition {
  readonly kind: InstrumentKind;
  readonly unit: "s" | "By" | "1" | `{${string}}`;
  readonly text: string;
  readonly attributes: readonly MetricAttribute[];
}

/** Upper bounds in seconds: a local call takes tens of microseconds, a model may take minutes. */
export const DURATION_BOUNDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];

type Unit = InstrumentDefinition["unit"];

export function counter<const Attributes extends readonly MetricAttribute[]>(
  unit: Unit,
  text: string,
  attributes: Attributes,
) {
  return { kind: "counter", unit, text, attributes } as const;
}

export function gauge<const Attributes extends readonly MetricAttribute[]>(
  unit: Unit,
  text: string,
  attributes: Attributes,
) {
  return { kind: "gauge", unit, text, attributes } as const;
}

/** A histogram of durations in seconds, with the bounds {@link DURATION_BOUNDS}. */
export function durations<const Attributes extends readonly MetricAttribute[]>(text: string, attributes: Attributes) {
  return { kind: "histogram", unit: "s", text, attributes } as const;
}
