import type { PythonTelemetryConfig, ResolvedPythonTelemetry } from "@snakepit/core";
import type { PythonTelemetry } from "@snakepit/telemetry";

/** Changes what a running host records. */
export class TelemetryControls {
  readonly #python: PythonTelemetry;

  /** Created by the host. */
  constructor(python: PythonTelemetry) {
    this.#python = python;
  }

  /**
   * Changes what Python records in all present and future workers: the options of `pythonTelemetry`. Omitted ones stay
   * as they are. Applies to calls that begin after a worker has received the change.
   *
   * @returns the settings in force.
   * @throws SnakepitError `INVALID_ARGUMENT` with every mistake; nothing is changed then.
   * @example
   * pit.telemetry.python({ sampling: 0.1, events: ["model.*"] });
   */
  python(changes: PythonTelemetryConfig = {}): ResolvedPythonTelemetry {
    return this.#python.change(changes);
  }
}
