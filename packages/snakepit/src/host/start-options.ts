import { describeValue, optionSignal, rejectUnknownOptions, SnakepitError } from "@snakepit/core";

/** Options of `Snakepit.run`. */
export interface RunOptions {
  /**
   * Which workers must be ready before the host is: one of each pool (`"first"`, the default), or `"all"`. Calls wait
   * for workers in both cases. Use `"all"` when the host must not start with fewer workers, or for measurements.
   */
  readonly waitForWorkers?: "first" | "all" | undefined;
}

/** Options of `Snakepit.start`. */
export interface StartOptions extends RunOptions {
  /** Cancels the start. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a start after they were checked. */
export interface CheckedStartOptions {
  readonly signal: AbortSignal | undefined;
  readonly waitForWorkers: "first" | "all";
}

/**
 * Checks the options of a method that starts a host.
 *
 * @param names the options of that method.
 * @throws SnakepitError `INVALID_ARGUMENT`.
 */
export function checkStartOptions(
  method: string,
  options: StartOptions,
  names: readonly (keyof StartOptions)[],
): CheckedStartOptions {
  rejectUnknownOptions(method, options, names);
  const { waitForWorkers = "first" } = options;
  if (waitForWorkers !== "first" && waitForWorkers !== "all") {
    const value = describeValue(waitForWorkers);
    throw new SnakepitError("INVALID_ARGUMENT", `waitForWorkers must be "first" or "all"; got ${value}`);
  }
  return { signal: optionSignal(options.signal), waitForWorkers };
}
