import {
  type ListenedEvents,
  PYTHON_TELEMETRY_OPTIONS,
  type PythonTelemetryConfig,
  type ResolvedPythonTelemetry,
  resolveOptions,
  type Unsubscribe,
  type WorkerTelemetryControl,
  type WorkerTelemetrySource,
} from "@snakepit/core";

/**
 * The calls of each worker in a second whose spans are recorded as samples: all calls of a quiet worker, and a part too
 * small to be measured under load (docs/decisions/0050-dashboard.md).
 */
const SAMPLED_CALLS_PER_SECOND = 10;

/**
 * What the workers of a host record: as the settings allow, and only what is received. Without an SDK and listeners,
 * they record nothing.
 */
export class PythonTelemetry implements WorkerTelemetrySource {
  #settings: ResolvedPythonTelemetry;
  #isTracing = false;
  #allSpans = false;
  #allEvents = false;
  #collections = false;
  #samplesSpans = false;
  readonly #subscribers = new Set<(control: WorkerTelemetryControl) => void>();
  #control: WorkerTelemetryControl;

  /** @param settings those of the configuration. Default: the defaults of the options. */
  constructor(settings: ResolvedPythonTelemetry = resolveOptions(PYTHON_TELEMETRY_OPTIONS, {}, "telemetry.python")) {
    this.#settings = settings;
    this.#control = this.#current();
  }

  /** The settings in force. */
  get settings(): ResolvedPythonTelemetry {
    return this.#settings;
  }

  get control(): WorkerTelemetryControl {
    return this.#control;
  }

  /**
   * Changes settings; those that are omitted stay as they are. All workers, also later ones, apply them.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` with every mistake; nothing is changed then.
   */
  change(changes: PythonTelemetryConfig): ResolvedPythonTelemetry {
    // The current values are valid, and those that are `undefined` are omitted.
    const resolved = resolveOptions(PYTHON_TELEMETRY_OPTIONS, changes, "telemetry.python");
    const given = Object.entries(resolved).filter(([name]) => changes[name as keyof typeof changes] !== undefined);
    this.#settings = Object.freeze({ ...this.#settings, ...Object.fromEntries(given) });
    this.#update();
    return this.#settings;
  }

  /** Records whether an SDK exports spans. */
  setTracing(isTracing: boolean): void {
    if (this.#isTracing === isTracing) return;
    this.#isTracing = isTracing;
    this.#update();
  }

  /** Records which events have a receiver. */
  setListened(listens: ListenedEvents): void {
    this.#allSpans = listens["python.span"];
    this.#allEvents = listens["python.event"];
    this.#collections = listens["python.gc"];
    this.#update();
  }

  /** Records whether the spans of some calls are shown. */
  setSampling(samplesSpans: boolean): void {
    this.#samplesSpans = samplesSpans;
    this.#update();
  }

  subscribe(listener: (control: WorkerTelemetryControl) => void): Unsubscribe {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  }

  #update(): void {
    const before = this.#control;
    const next = this.#current();
    const names = Object.keys(next) as (keyof WorkerTelemetryControl)[];
    if (names.every((name) => next[name] === before[name])) return;
    this.#control = next;
    for (const listener of this.#subscribers) listener(next);
  }

  #current(): WorkerTelemetryControl {
    return {
      ...this.#settings,
      gc: this.#settings.gc && this.#collections,
      traces: this.#isTracing,
      allSpans: this.#allSpans,
      allEvents: this.#allEvents,
      sampledCallsPerSecond: this.#samplesSpans ? SAMPLED_CALLS_PER_SECOND : 0,
    };
  }
}
